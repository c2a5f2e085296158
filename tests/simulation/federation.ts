import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildRoster,
  initNode,
  installRoster,
  loadOwn,
  readSigner,
  selfOf,
  signRoster,
  verifyEd25519,
} from '@entente/node'
import { PolicyDocument, sealOf } from '@entente/policy'
import { type Nation, openRoster, policySealType, type Roster, signJws } from '@entente/schema'
import { nations } from './nations.ts'

/** Folders with keys from chance, and the roster that all have signed: what every run starts from. */
export interface Federation {
  readonly folder: (nation: Nation) => string
  readonly peerId: (nation: Nation) => string
  readonly origin: (nation: Nation) => string
  readonly roster: Roster
  readonly signPolicy: (nation: Nation, document: unknown) => unknown
}

export function createFederation(root: string): Federation {
  rmSync(root, { recursive: true, force: true })
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const folder = (nation: Nation) => join(root, nation)
  const keysDir = join(root, 'authority')
  const made = nations.map((nation) =>
    initNode({
      folder: folder(nation),
      keysDir,
      nation,
      organisation: `${nation} exercise office`,
      listen: '127.0.0.1:0',
    }),
  )
  const files = made.map(
    ({ nationFilePath }) => JSON.parse(readFileSync(nationFilePath, 'utf8')) as unknown,
  )
  let roster = buildRoster(files, { number: 1 }, verifyEd25519)
  for (const { rootKeyPath } of made) roster = signRoster(roster, readSigner(rootKeyPath))
  for (const nation of nations) {
    const own = loadOwn(folder(nation))
    installRoster(own.rosterPath, roster, selfOf(own))
  }
  const of = (nation: Nation) => made.find((each) => each.nation === nation)
  return {
    folder,
    peerId: (nation) => of(nation)?.peerId ?? '',
    origin: (nation) => of(nation)?.origin ?? '',
    roster: openRoster(roster, verifyEd25519),
    signPolicy: (nation, document) => {
      const policy = PolicyDocument.parse(document)
      const signer = readSigner(join(keysDir, `${nation}.authority.pem`))
      return { policy, signatures: [signJws(policySealType, sealOf(policy), signer.sign)] }
    },
  }
}

/** Lets these nations have titles and makers of what is labelled for them, and nobody anything else. */
export const policyFor = (nation: Nation, edition: number, recipients: readonly Nation[]) => ({
  nation,
  edition,
  from: '2020-01-01',
  until: '2099-01-01',
  datasets: { production: { mode: 'live', title: 'Production' } },
  groups: {},
  ceilings: Object.fromEntries(
    nations.filter((each) => each !== nation).map((each) => [each, 'SECRET']),
  ),
  bands: {},
  rules:
    recipients.length === 0
      ? []
      : [
          {
            id: 'names',
            match: { recipient: { in: recipients }, field: { in: ['title', 'supplier'] } },
            reasonCode: 'names',
            effect: 'permit',
            authority: 'Exercise arrangement',
          },
        ],
  tests: [],
})
