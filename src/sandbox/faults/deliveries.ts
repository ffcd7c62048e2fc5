import { type Fault, wholeNumber } from './fault.ts';

/** Faults on the way: the answer is right, and does not arrive. */
export const deliveries: readonly Fault[] = [
  {
    name: 'reset',
    kind: 'deliver',
    sentence: 'the connection is lost before the answer',
    spoil: (answer) => ({ ...answer, delivery: { kind: 'reset' } }),
  },
  {
    name: 'reset-in-body',
    kind: 'deliver',
    sentence: 'the connection is lost inside the body',
    spoil: (answer) => ({ ...answer, delivery: { kind: 'reset-in-body' } }),
  },
  {
    name: 'truncated-gzip',
    kind: 'deliver',
    sentence: 'a compressed body that ends too early',
    spoil: (answer) => ({ ...answer, delivery: { kind: 'truncated' } }),
  },
  {
    name: 'stall',
    kind: 'deliver',
    sentence: 'no answer, ever',
    spoil: (answer) => ({ ...answer, delivery: { kind: 'stall' } }),
  },
  {
    name: 'stall-in-body',
    kind: 'deliver',
    sentence: 'half of the body, and then nothing',
    spoil: (answer) => ({ ...answer, delivery: { kind: 'stall-in-body' } }),
  },
  {
    name: 'slow-drip',
    kind: 'deliver',
    sentence: 'the body byte by byte',
    arguments: { ms: wholeNumber('50', 'ms between bytes') },
    spoil: (answer, _request, argument) => ({
      ...answer,
      delivery: { kind: 'drip', everyMs: Number(argument('ms')) },
    }),
  },
  {
    name: 'huge-body',
    kind: 'deliver',
    sentence: 'a body of many megabytes',
    arguments: { mb: wholeNumber('80', 'megabytes, before compression') },
    spoil: (answer, _request, argument) => ({
      ...answer,
      status: 200,
      delivery: { kind: 'flood', bytes: Number(argument('mb')) * 1e6 },
    }),
  },
];
