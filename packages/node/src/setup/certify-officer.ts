import { existsSync } from 'node:fs'
import { isSamePerson } from '@entente/policy'
import { certificateType, type OfficerCertificate, signJws, toBase64url } from '@entente/schema'
import { type Ed25519Signer, rawPublicKey } from '../adapters/ed25519.ts'
import { readKey, writeNewKey } from './key-file.ts'
import { loadOwn } from './node-folder.ts'
import { readOwnNationFile, writeNationFile } from './own-nation-file.ts'
import { SetupError } from './setup-error.ts'

/** What became of it. Public facts and paths only. */
export interface CertifiedOfficer {
  readonly name: string
  readonly serial: number
  readonly key: string
  readonly keyPath: string
  readonly nationFilePath: string
}

/**
 * Makes a release officer's key, unless it lies there, and has the root certify it. Nothing changes until a roster with the new nation
 * file is installed. A name stands for one person: it must be the one that the officer is known by as an author.
 * @throws {SetupError} `ROOT_NOT_OURS`, `OFFICER_EXISTS`, `KEY_FORM`, `KEY_EXPOSED`
 */
export function certifyOfficer(
  folder: string,
  root: Ed25519Signer,
  { name, keyPath }: { readonly name: string; readonly keyPath: string },
): CertifiedOfficer {
  const own = loadOwn(folder)
  const { nation } = own.config
  const given = readOwnNationFile({ folder, nation, rosterPath: own.rosterPath }, root)
  const officers = given.certificates.filter(({ role }) => role === 'release-officer')
  if (officers.some((officer) => isSamePerson(officer.name, name)))
    throw new SetupError('OFFICER_EXISTS', `${name} is a release officer of ${nation} already`)
  const privateKey = existsSync(keyPath) ? readKey(keyPath) : writeNewKey(keyPath, 'ed25519')
  const key = toBase64url(rawPublicKey(privateKey))
  if (given.certificates.some((certificate) => certificate.key === key))
    throw new SetupError('OFFICER_EXISTS', `${keyPath} is a certified key of ${nation} already`)
  const serial = given.nextSerial
  const certificate: OfficerCertificate = { role: 'release-officer', nation, serial, name, key }
  writeNationFile(given.path, {
    ...given.file,
    certificates: [...given.file.certificates, signJws(certificateType, certificate, root.sign)],
  })
  return { name, serial, key, keyPath, nationFilePath: given.path }
}
