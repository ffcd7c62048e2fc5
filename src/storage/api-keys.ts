import type pg from 'pg';

export type Access = 'read' | 'write';

/** A key as it is kept: its hash, never itself. */
export interface StoredKey {
  readonly id: string;
  readonly name: string;
  readonly access: Access;
  /** SHA-256. */
  readonly hash: Buffer;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

export async function addKey(
  client: pg.ClientBase | pg.Pool,
  key: Pick<StoredKey, 'id' | 'name' | 'access' | 'hash'>,
): Promise<void> {
  await client.query('INSERT INTO api_keys (id, name, access, hash) VALUES ($1, $2, $3, $4)', [
    key.id,
    key.name,
    key.access,
    key.hash,
  ]);
}

const columns = 'id, name, access, hash, created_at AS "createdAt", revoked_at AS "revokedAt"';

/** Every key, revoked ones included, the oldest first. */
export async function listKeys(client: pg.ClientBase | pg.Pool): Promise<StoredKey[]> {
  const { rows } = await client.query<StoredKey>(`SELECT ${columns} FROM api_keys ORDER BY created_at, id`);
  return rows;
}

/** A key that counts; null when there is none of that id, or it was revoked. */
export async function findKey(client: pg.ClientBase | pg.Pool, id: string): Promise<StoredKey | null> {
  const { rows } = await client.query<StoredKey>(
    `SELECT ${columns} FROM api_keys WHERE id = $1 AND revoked_at IS NULL`,
    [id],
  );
  return rows[0] ?? null;
}

/** False when there is no such key, or it was revoked before. */
export async function revokeKey(client: pg.ClientBase | pg.Pool, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    'UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL',
    [id],
  );
  return rowCount === 1;
}
