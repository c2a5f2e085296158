import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  buildRoster,
  initNode,
  installRoster,
  loadOwn,
  readRosterJson,
  readSigner,
  selfOf,
  signRoster,
  verifyEd25519,
} from '@entente/node'
import { PolicyDocument, sealOf } from '@entente/policy'
import { type Nation, policySealType, signJws } from '@entente/schema'

/** Nations with folders, keys and a roster that all have signed, thrown away at the end. */
export interface Federation extends Disposable {
  readonly root: string
  /** Folder of the USA. */
  readonly sender: string
  /** Folder of GBR. */
  readonly recipient: string
  /** The sender's policy, signed by its authority: `stock` waits for a plan, `daily` is live. */
  readonly policy: unknown
  /** Any policy of the USA, signed by its authority. */
  readonly sign: (policy: PolicyDocument) => unknown
}

const exercise = 'EXERCISE: invented rows, labels and policies'

/** @param nations the USA among them */
export async function createFederation(
  nations: readonly Nation[] = ['USA', 'GBR'],
): Promise<Federation> {
  const root = mkdtempSync(join(tmpdir(), 'entente-bench-'))
  const keysDir = join(root, 'authority')
  const ports = await freePorts(nations.length)
  const made = nations.map((nation, i) =>
    initNode({
      folder: join(root, nation),
      keysDir,
      nation,
      organisation: `${nation} exercise office`,
      listen: `127.0.0.1:${ports[i]}`,
      exercise,
    }),
  )
  const files = made.map(({ nationFilePath }) => readRosterJson(nationFilePath))
  let roster = buildRoster(files, { number: 1, exercise }, verifyEd25519)
  for (const { rootKeyPath } of made) roster = signRoster(roster, readSigner(rootKeyPath))
  for (const { folder } of made) {
    const own = loadOwn(folder)
    installRoster(own.rosterPath, roster, selfOf(own))
  }
  const signer = readSigner(join(keysDir, 'USA.authority.pem'))
  const sign = (policy: PolicyDocument) => ({
    policy,
    signatures: [signJws(policySealType, sealOf(policy), signer.sign)],
  })
  return {
    root,
    sender: join(root, 'USA'),
    recipient: join(root, 'GBR'),
    policy: sign(PolicyDocument.parse(document)),
    sign,
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}

const members = ['GBR', 'USA'].map((nation) => ({ nation, from: '2021-09-15' }))
const document = {
  exercise,
  nation: 'USA',
  edition: 1,
  from: '2026-01-01',
  until: '2099-01-01',
  datasets: {
    stock: { mode: 'manual', title: 'First release' },
    daily: { mode: 'live', title: 'Edits' },
  },
  groups: { AUKUS: members, PARTNERS: members },
  ceilings: { GBR: 'SECRET' },
  bands: {},
  rules: [
    {
      id: 'open-to-partners',
      effect: 'permit',
      match: {
        recipientGroups: { intersects: ['PARTNERS'] },
        classification: { atMost: 'UNCLASSIFIED' },
      },
      reasonCode: 'OPEN',
      authority: 'Exercise sharing arrangement 2026',
    },
    {
      id: 'aukus-restricted',
      effect: 'permit',
      match: {
        recipientGroups: { intersects: ['AUKUS'] },
        classification: { atMost: 'RESTRICTED' },
      },
      reasonCode: 'AUKUS-EXACT',
      authority: 'AUKUS exercise arrangement 2',
    },
  ],
  tests: [],
}

/** Ports that were free a moment ago, each another: all are held until all are known. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject)
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            resolve(typeof address === 'object' && address !== null ? address.port : 0)
          })
        }),
    ),
  )
  await Promise.all(
    servers.map((server) => new Promise((resolve) => server.close(() => resolve(null)))),
  )
  return ports
}
