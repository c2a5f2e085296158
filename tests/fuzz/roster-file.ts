import {
  certificateType,
  type NationFile,
  nationsDigest,
  type RosterFile,
  signJws,
  toBase64url,
  witnessPolicyType,
} from '@entente/schema'
import { formatVerifierKey, KEY_TYPE } from '@entente/tlog'
import { keyOf, signerOf } from './keys.ts'

const nations = ['GBR', 'USA'] as const
const originOf = (nation: string) => `${nation.toLowerCase()}.entente.example/release-log/1`
const witnessOf = (nation: string) => signerOf(`${originOf(nation)}/witness`, KEY_TYPE.cosignature)

function nationFile(nation: (typeof nations)[number]): NationFile {
  const root = keyOf(`${nation} root`)
  const certificate = {
    role: 'node',
    nation,
    serial: 1,
    name: `${nation} node`,
    key: toBase64url(keyOf(`${nation} statements`).publicKey),
    peerId: `12D3KooW${nation}${'x'.repeat(30)}`,
    origin: originOf(nation),
    logKey: formatVerifierKey(signerOf(originOf(nation)).key),
    witnessKey: formatVerifierKey(witnessOf(nation).key),
    encryptionKey: toBase64url(keyOf(`${nation} encryption`).publicKey),
    endpoints: ['/ip4/127.0.0.1/tcp/12000'],
  }
  return {
    nation,
    organisation: `${nation} exercise office`,
    root: toBase64url(root.publicKey),
    policyQuorum: 1,
    certificates: [signJws(certificateType, certificate, root.sign)],
  }
}

let made: RosterFile | undefined

/** A roster of two nations that both have signed; the same every time, and made once, because it costs more than what is read of it. */
export function rosterFile(): RosterFile {
  made ??= makeRoster()
  return made
}

function makeRoster(): RosterFile {
  const files = nations.map(nationFile)
  const witnessPolicy = {
    number: 1,
    nations: nationsDigest(files),
    witnesses: nations.map((nation) => ({
      nation,
      key: formatVerifierKey(witnessOf(nation).key),
    })),
    quorum: 1,
    toleranceMs: 300_000,
    freshnessMs: 10_800_000,
  }
  const signatures = nations.map((nation) => [
    nation,
    signJws(witnessPolicyType, witnessPolicy, keyOf(`${nation} root`).sign),
  ])
  return { nations: files, witnessPolicy, signatures: Object.fromEntries(signatures) }
}
