import { hash, randomBytes } from 'node:crypto'
import { loadNodeFolder, verifyEd25519 } from '@entente/node'
import { type Database, type Deps, partnerOf, partnersOf } from '@entente/node/testing'

/** What the parts of a node are made from, with the keys and roster of its folder. */
export function depsOf(folder: string, db: Database, nowMs: () => number) {
  const { config, keys, logSigner, cosigner, roster } = loadNodeFolder(folder)
  const me = roster?.members.get(config.nation)
  if (roster === null || me === undefined) throw new Error('the roster does not name this node')
  const silent = () => {}
  const deps: Deps = {
    db,
    clock: { nowMs },
    journal: {
      sealed: silent,
      published: silent,
      frozen: silent,
      admitted: silent,
      refused: ({ code, message }) => {
        throw new Error(`${code}: ${message}`)
      },
      partner: silent,
      fault: ({ where, message }) => {
        throw new Error(`${where}: ${message}`)
      },
    },
    roster,
    randomBytes: (size) => new Uint8Array(randomBytes(size)),
    hash: (bytes) => hash('sha256', bytes, 'buffer'),
    verify: verifyEd25519,
    nation: config.nation,
    origin: config.origin,
    partners: partnersOf(roster, config.nation),
    further: [],
    releases: () => true,
    siblings: [],
    self: partnerOf(me),
    isReceiver: true,
    signStatement: keys.statement.sign,
    logSigner,
    cosigner,
    fragmentKey: keys.fragmentKey,
    onStep: silent,
  }
  return { deps, keys }
}
