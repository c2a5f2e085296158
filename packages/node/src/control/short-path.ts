import { mkdtemp, rmdir, symlink, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { ControlError } from './control-error.ts'

/** Longest path a Unix socket can have everywhere: `sun_path` is 104 bytes on macOS, 108 on Linux. */
const MAX_BYTES = 100

/**
 * Hands `use` a path to the socket that the system takes. A long folder is reached through a symbolic link in a new
 * private temporary directory that is gone afterwards; the socket itself always lies in the node's folder.
 * @throws {ControlError} `SOCKET_PATH_TOO_LONG` when the temporary directory has a long path as well
 */
export async function withShortPath<T>(
  path: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  if (Buffer.byteLength(path) <= MAX_BYTES) return use(path)
  const directory = await mkdtemp(join(tmpdir(), 'entente-'))
  const link = join(directory, 'n')
  try {
    await symlink(resolve(dirname(path)), link)
    const short = join(link, basename(path))
    if (Buffer.byteLength(short) > MAX_BYTES)
      throw new ControlError(
        'SOCKET_PATH_TOO_LONG',
        `a socket cannot have the path ${path}; set TMPDIR to a shorter one, such as /tmp`,
      )
    return await use(short)
  } finally {
    await unlink(link).catch(() => undefined)
    await rmdir(directory)
  }
}
