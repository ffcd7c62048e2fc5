/** The same pieces; `took` hears how long their reader was busy with each, in ms. */
export async function* timedBody(
  pieces: AsyncIterable<Buffer>,
  took: (ms: number) => void,
): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    const from = performance.now();
    yield piece;
    took(performance.now() - from);
  }
}
