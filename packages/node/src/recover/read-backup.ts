import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromUtf8 } from '@entente/schema'
import { BackupFile } from '../backup/backed-leaf.ts'
import { decryptWith } from '../backup/jwe.ts'
import { rangeOf } from '../backup/opening-backup.ts'
import { NodeError } from '../errors.ts'
import { readRecoveryKey } from '../setup/key-file.ts'
import type { RecoverySource } from './source.ts'

/**
 * Reads the copies that a node has made of what opens its log.
 * @param keyPath recovery key, PKCS#8 PEM
 * @throws {NodeError} `RECOVER_SOURCE` @throws {SetupError} `KEY_MISSING`, `KEY_EXPOSED`, `KEY_FORM`
 */
export function readBackup(
  folder: string,
  keyPath: string,
  origin: string,
  from: number,
): RecoverySource {
  const key = readRecoveryKey(keyPath)
  const files = readdirSync(folder)
    .filter((name) => (rangeOf(name)?.[1] ?? 0) > from)
    .sort()
    .map((name) => {
      const refuse = (why: string) =>
        new NodeError('RECOVER_SOURCE', `${join(folder, name)} ${why}`)
      const text = decryptWith(key, readFileSync(join(folder, name), 'utf8'))
      if (text === null) throw refuse('cannot be read with this key')
      const parsed = BackupFile.safeParse(JSON.parse(fromUtf8(text)))
      if (!parsed.success) throw refuse(`is malformed: ${parsed.error.issues[0]?.message}`)
      if (parsed.data.origin !== origin) throw refuse(`is of the log ${parsed.data.origin}`)
      return parsed.data
    })
  return {
    name: folder,
    notes: files.flatMap(({ notes }) => notes),
    leaves: files.flatMap(({ leaves }) => leaves),
    entries: new Map(),
    acknowledgements: [],
  }
}
