import { describe, expect, it } from 'vitest';
import { usageError } from '../errors.ts';
import { toStorageError } from './storage-error.ts';

const driverError = (code: string, message = 'it went wrong'): Error =>
  Object.assign(new Error(message), { code });

describe('a storage failure', () => {
  it('says what was attempted, what came back and what to do, and keeps its cause', () => {
    const cause = driverError('XX000');
    expect(toStorageError('store a batch', cause)).toMatchObject({
      code: 'STORAGE_FAILED',
      cause,
      message:
        'Could not store a batch: it went wrong. Check that the database is up, then run the same command again; what was stored stays.',
    });
  });

  it.each([
    ['57P01', 'the server was told to stop'],
    ['08006', 'the connection broke'],
    ['40P01', 'of two transactions in a deadlock this one was chosen'],
    ['53300', 'the server had no connection free'],
    ['53100', 'the disk is full'],
    ['ECONNREFUSED', 'nobody listened'],
    ['ECONNRESET', 'the other side hung up'],
  ])('may pass by itself when %s: %s', (code) => {
    expect(toStorageError('store', driverError(code)).retryable).toBe(true);
  });

  it.each(['Connection terminated unexpectedly', 'timeout exceeded when trying to connect'])(
    'may pass by itself when the driver says: %s',
    (message) => {
      expect(toStorageError('store', new Error(message)).retryable).toBe(true);
    },
  );

  it.each([
    ['23505', 'a key came twice'],
    ['42P01', 'a table is missing'],
    ['57014', 'the statement was cancelled'],
  ])('does not pass by itself when %s: %s', (code) => {
    expect(toStorageError('store', driverError(code))).toMatchObject({
      code: 'STORAGE_FAILED',
      retryable: false,
    });
  });

  it('of a full disk says to free some', () => {
    const { message } = toStorageError('store', driverError('53100'));
    expect(message).toContain('out of disk space: free some, then run the same command again');
  });

  it.each(['28P01', '28000', '3D000', '42501'])('of refused access (%s) is a matter of settings', (code) => {
    expect(toStorageError('open the database', driverError(code))).toMatchObject({
      code: 'CONFIG_INVALID',
      retryable: false,
      message: expect.stringContaining('Check DATABASE_URL and the rights of its user.'),
    });
  });

  it.each(['postgres://me:secret@host/db', 'postgresql://me:secret@host:5432/db?sslmode=require'])(
    'never shows the credentials of %s',
    (url) => {
      const { message } = toStorageError('open', new Error(`cannot parse ${url} at all`));
      expect(message).toContain('cannot parse the database URL at all');
    },
  );

  it("takes the reason from a host's several refusals where there is no other", () => {
    const refused = new AggregateError([new Error('connect ECONNREFUSED ::1:5432')]);
    expect(toStorageError('open', refused).message).toContain(
      'Could not open: connect ECONNREFUSED ::1:5432.',
    );
  });

  it('lets an AppError through as it is', () => {
    const refusal = usageError('No.');
    expect(toStorageError('store', refusal)).toBe(refusal);
  });
});
