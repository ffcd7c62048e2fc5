// From the rounds of a case to its figures, and how they are shown.

/**
 * What became of a case's figures over its rounds, in order. `ratio` is the distance to the bound, the median of the
 * rounds' own ratios: at most 1 where the bound holds, whether it is one that a figure must not exceed or must reach.
 */
export function figuresOf(figures, rounds) {
  return figures.map(({ name, unit, of, atMost, atLeast }) => {
    const values = rounds.map(of);
    const limit = atMost ?? atLeast;
    const bounds =
      limit === undefined ? [] : rounds.map((round) => (typeof limit === 'function' ? limit(round) : limit));
    const ratios = bounds.map((bound, n) =>
      atLeast === undefined ? ratio(values[n], bound) : ratio(bound, values[n]),
    );
    return {
      name,
      bound: bounds.length === 0 ? null : median(bounds),
      measured: median(values),
      ratio: ratios.length === 0 ? null : median(ratios),
      unit,
      limit: limit === undefined ? null : atLeast === undefined ? 'at most' : 'at least',
      min: Math.min(...values),
      max: Math.max(...values),
      rounds: rounds.length,
    };
  });
}

/** Nothing of nothing is a bound that is just held. */
function ratio(value, of) {
  return value === of ? 1 : value / of;
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

export function toTable(figures) {
  const rows = figures.map(({ name, bound, measured, ratio: distance, unit, limit, min, max, rounds }) => [
    name,
    unit,
    toText(measured),
    rounds === 1 ? '' : toText(min),
    rounds === 1 ? '' : toText(max),
    bound === null ? '' : `${limit === 'at most' ? '≤' : '≥'} ${toText(bound)}`,
    distance === null ? '' : distance.toFixed(2),
  ]);
  return [
    ['case', 'unit', 'median', 'min', 'max', 'bound', 'of the bound'],
    ['---', '---', '---:', '---:', '---:', '---:', '---:'],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** Three figures of small numbers, all of large ones. */
function toText(value) {
  return Math.abs(value) >= 100 || Number.isInteger(value)
    ? String(Math.round(value))
    : String(Number(value.toPrecision(3)));
}
