/** Who waits for a turn: urgent ones first, but nobody forever. */
export interface WaitingLine<T> {
  readonly size: number;
  /** Joins the end; the call returned leaves the line again. */
  join(one: T, isUrgent: boolean): () => void;
  /** Takes out who is next. Every fourth time that is whoever has waited longest. */
  next(): T | undefined;
  /** Takes out everybody. */
  clear(): T[];
}

const LONGEST_EVERY = 4;

export function createWaitingLine<T>(): WaitingLine<T> {
  /** By the number each got when joining. */
  const urgent = new Map<number, T>();
  const others = new Map<number, T>();
  let joined = 0;
  let served = 0;

  return {
    get size() {
      return urgent.size + others.size;
    },
    join(one, isUrgent) {
      const number = ++joined;
      const line = isUrgent ? urgent : others;
      line.set(number, one);
      return () => void line.delete(number);
    },
    next() {
      const [firstUrgent] = urgent;
      const [firstOther] = others;
      const first =
        firstUrgent === undefined || firstOther === undefined
          ? (firstUrgent ?? firstOther)
          : ++served % LONGEST_EVERY === 0 && firstOther[0] < firstUrgent[0]
            ? firstOther
            : firstUrgent;
      if (first === undefined) return undefined;
      const [number, one] = first;
      urgent.delete(number);
      others.delete(number);
      return one;
    },
    clear() {
      const all = [...urgent.values(), ...others.values()];
      urgent.clear();
      others.clear();
      return all;
    },
  };
}
