import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  Certificate,
  certificateType,
  NationFile,
  openJws,
  signJws,
  toBase64url,
} from '@entente/schema'
import { createVerifierKey, formatVerifierKey, KEY_TYPE } from '@entente/tlog'
import { z } from 'zod'
import { type Ed25519Signer, rawPublicKey, verifyEd25519 } from '../adapters/ed25519.ts'
import { witnessNameOf } from './config.ts'
import { writeNewKey } from './key-file.ts'
import { hasNextWitness, NEXT_WITNESS } from './next-witness.ts'
import { loadOwn } from './node-folder.ts'
import { pathsOf } from './paths.ts'
import { readJson } from './read-json.ts'
import { SetupError } from './setup-error.ts'

export interface RotatedWitness {
  readonly nationFilePath: string
  readonly witnessKey: string
}

/**
 * Makes a new witness key and certifies it in the nation file, which goes into the next roster; the node takes the key with the
 * roster that names it. A key that waits already is certified again.
 * @param root the nation's root
 * @throws {SetupError} `ROOT_NOT_IN_ROSTER`, `NATION_FILE`
 */
export function rotateWitness(folder: string, root: Ed25519Signer): RotatedWitness {
  const { config, keys, nextWitness } = loadOwn(folder)
  const nationFilePath = join(folder, `${config.nation}.nation.json`)
  const file = readNationFile(nationFilePath)
  if (file.root !== toBase64url(root.publicKey))
    throw new SetupError(
      'ROOT_NOT_IN_ROSTER',
      `this key is not the root of ${file.nation} that ${nationFilePath} names`,
    )
  const publicKey =
    nextWitness !== null && hasNextWitness(folder)
      ? nextWitness.publicKey
      : rawPublicKey(writeNewKey(join(pathsOf(folder).keys, NEXT_WITNESS), 'ed25519'))
  const name = witnessNameOf(config.origin)
  const witnessKey = formatVerifierKey(createVerifierKey(name, KEY_TYPE.cosignature, publicKey))
  const all = file.certificates.map((jws) =>
    Certificate.parse(openJws(jws, certificateType, root.publicKey, verifyEd25519)),
  )
  const serial = Math.max(...all.map((certificate) => certificate.serial)) + 1
  const statementKey = toBase64url(keys.statement.publicKey)
  const certificates = file.certificates.map((jws, i) => {
    const certificate = all[i]
    if (certificate?.role !== 'node' || certificate.key !== statementKey) return jws
    return signJws(certificateType, { ...certificate, serial, witnessKey }, root.sign)
  })
  replaceJson(nationFilePath, { ...file, certificates })
  return { nationFilePath, witnessKey }
}

function readNationFile(path: string): NationFile {
  const refuse = (reason: string) =>
    new SetupError('NATION_FILE', `${path}: ${reason}; it is what init wrote beside the keys`)
  const parsed = NationFile.safeParse(
    readJson(path, { missing: () => refuse('no such file'), form: refuse }),
  )
  if (parsed.success) return parsed.data
  throw refuse(z.prettifyError(parsed.error))
}

function replaceJson(path: string, value: unknown): void {
  const text = `${JSON.stringify(value, null, 2)}\n`
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
}
