/** What went wrong with one try, before anybody judged it. */
export type Failure =
  /** The vendor's refusal: by HTTP status, or by `bodyStatus` in a 200. */
  | {
      readonly kind: 'refused';
      readonly httpStatus: number;
      /** `status` of a JSON body, in capitals; undefined when there was none. */
      readonly bodyStatus: string | undefined;
      /** The vendor's own reason; empty when it gave none. */
      readonly reason: string;
      readonly html: boolean;
      readonly retryAfterMs: number | undefined;
    }
  /** An answer that cannot be used. `permanent` when asking again would bring the same. */
  | { readonly kind: 'unusable'; readonly problem: string; readonly permanent: boolean }
  /** No complete answer came; `code` is Node's or undici's. */
  | { readonly kind: 'unanswered'; readonly code: string; readonly text: string };

export class VendorFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.kind);
    this.failure = failure;
  }
}

/** An answer that came but cannot be used: `problem` completes "the vendor sent …". */
export const unusable = (problem: string, permanent = false): VendorFailure =>
  new VendorFailure({ kind: 'unusable', problem, permanent });

/** Whatever a try threw, as a failure; null for what no network or vendor can cause. */
export function toFailure(thrown: unknown): Failure | null {
  if (thrown instanceof VendorFailure) return thrown.failure;
  if (!(thrown instanceof Error)) return null;
  // undici's parser does not always give a code.
  const code = thrown.name === 'HTTPParserError' ? 'HPE' : 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? { kind: 'unanswered', code, text: thrown.message } : null;
}
