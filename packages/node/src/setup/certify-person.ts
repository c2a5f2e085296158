import { existsSync } from 'node:fs'
import { isSamePerson } from '@entente/policy'
import {
  type AuthorityCertificate,
  certificateType,
  type OfficerCertificate,
  signJws,
  toBase64url,
} from '@entente/schema'
import { type Ed25519Signer, rawPublicKey } from '../adapters/ed25519.ts'
import { newPassphrase } from '../keys/at-rest/passphrases.ts'
import { createHeadFile } from '../log/head-file.ts'
import { readKey, writeNewKey } from './key-file.ts'
import { loadOwn } from './node-folder.ts'
import { readOwnNationFile, writeNationFile } from './own-nation-file.ts'
import { SetupError } from './setup-error.ts'

/** Who is to be certified, and as what. */
export interface Person {
  readonly role: 'release-officer' | 'policy-authority'
  readonly name: string
  readonly keyPath: string
}

/** What became of it. Public facts and paths only. */
export interface CertifiedPerson {
  readonly name: string
  readonly serial: number
  readonly key: string
  readonly keyPath: string
  readonly nationFilePath: string
}

const titles = { 'release-officer': 'release officer', 'policy-authority': 'policy authority' }

/**
 * Makes a person's key, unless it lies there, and has the root certify it. Nothing changes until a roster with the new nation file is
 * installed. A name stands for one person: that of an officer must be the one that the officer is known by as an author. An authority
 * counts from the present leaf of the present log on: editions before it did not wait for anybody.
 * @throws {SetupError} `ROOT_NOT_OURS`, `PERSON_EXISTS`, `KEY_FORM`, `KEY_EXPOSED`
 */
export function certifyPerson(
  folder: string,
  root: Ed25519Signer,
  { role, name, keyPath }: Person,
): CertifiedPerson {
  const own = loadOwn(folder)
  const { nation } = own.config
  const given = readOwnNationFile({ folder, nation, rosterPath: own.rosterPath }, root)
  const known = given.certificates.filter((certificate) => certificate.role === role)
  if (known.some((each) => isSamePerson(each.name, name)))
    throw new SetupError('PERSON_EXISTS', `${name} is a ${titles[role]} of ${nation} already`)
  const privateKey = existsSync(keyPath)
    ? readKey(keyPath)
    : writeNewKey(keyPath, 'ed25519', newPassphrase(keyPath))
  const key = toBase64url(rawPublicKey(privateKey))
  if (given.certificates.some((certificate) => certificate.key === key))
    throw new SetupError('PERSON_EXISTS', `${keyPath} is a certified key of ${nation} already`)
  const serial = given.nextSerial
  const from = createHeadFile(own.headPath).read() ?? 0
  const certificate: OfficerCertificate | AuthorityCertificate =
    role === 'release-officer'
      ? { role, nation, serial, name, key }
      : { role, nation, serial, name, key, from, origin: own.config.origin }
  writeNationFile(given.path, {
    ...given.file,
    certificates: [...given.file.certificates, signJws(certificateType, certificate, root.sign)],
  })
  return { name, serial, key, keyPath, nationFilePath: given.path }
}
