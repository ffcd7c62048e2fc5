import type { IPanePrimitive, IPrimitivePaneRenderer, PaneAttachedParameter, Time } from 'lightweight-charts';
import type { Column, Mark } from './places.ts';

export type MarkColours = Readonly<Record<Mark['kind'], string>>;

export interface MarkLines extends IPanePrimitive<Time> {
  show(columns: readonly Column[], colours: MarkColours, font: string): void;
}

const LABEL_TOP = 12;
/** Labels nearer than that to the one before are left out. */
const LEAST_APART = 6;
const BAND_ALPHA = 0.22;

/** Draws marks over the whole height: a band where a bar is missing, a dashed line where something happened. */
export function createMarkLines(): MarkLines {
  let attached: PaneAttachedParameter<Time> | undefined;
  let marked: readonly Column[] = [];
  let colours: MarkColours | undefined;
  let font = '';

  const draw: IPrimitivePaneRenderer['draw'] = (target) =>
    target.useMediaCoordinateSpace(({ context, mediaSize: { height, width } }) => {
      if (attached === undefined || colours === undefined) return;
      const scale = attached.chart.timeScale();
      const barWidth = Math.max(scale.options().barSpacing, 2);
      context.font = font;
      context.textAlign = 'center';
      let free = -Infinity;
      for (const { place, bar, marks } of marked) {
        const x = scale.timeToCoordinate(place as Time);
        if (x === null || x < -barWidth || x > width + barWidth) continue;
        const { kind, label } = marks.at(-1)!;
        context.fillStyle = context.strokeStyle = colours[kind];
        const labelWidth = context.measureText(label).width;
        const isLabelled = x - labelWidth / 2 > free;
        if (bar === null) {
          context.globalAlpha = BAND_ALPHA;
          context.fillRect(x - barWidth / 2, 0, barWidth, height);
          context.globalAlpha = 1;
        } else {
          context.setLineDash([3, 3]);
          context.beginPath();
          context.moveTo(x, isLabelled ? LABEL_TOP + 4 : 0);
          context.lineTo(x, height);
          context.stroke();
        }
        if (!isLabelled) continue;
        context.fillText(label, x, LABEL_TOP);
        free = x + labelWidth / 2 + LEAST_APART;
      }
    });

  const views = [{ zOrder: () => 'bottom' as const, renderer: () => ({ draw }) }];
  return {
    attached(to) {
      attached = to;
    },
    paneViews: () => views,
    show(columns, inColours, inFont) {
      marked = columns.filter(({ marks }) => marks.length > 0);
      colours = inColours;
      font = inFont;
      attached?.requestUpdate();
    },
  };
}
