// The tokens of a server that has some.

import {mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';

export const VIEW = 'view-token-0123456789';
export const CONTROL = 'control-token-0123456789';

/** Resolves to the path of a file with these, for --auth-tokens. */
export async function makeTokens() {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'tokens-')), 'tokens');
  await writeFile(file, `view = "${VIEW}"\ncontrol = "${CONTROL}"\n`, {mode: 0o600});
  return file;
}
