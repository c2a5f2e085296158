import { join } from 'node:path'
import * as A from '@automerge/automerge'
import { loadOwn } from '@entente/node'
import {
  createHeadFile,
  createJointDocuments,
  createReleaseLog,
  type JointFrame,
  openDatabase,
  type Partner,
  tables,
} from '@entente/node/testing'
import { compilePolicy, PolicyDocument } from '@entente/policy'
import type { Nation } from '@entente/schema'
import { cosign, formatNote, parseNote } from '@entente/tlog'
import { nowMs } from '../child.ts'
import { depsOf } from '../deps.ts'
import { createFederation } from '../federation.ts'
import { type Measured, row } from '../report.ts'
import type { Size } from '../size.ts'

const pair: readonly Nation[] = ['GBR', 'USA']

/**
 * Merges the changes of another member into a joint document, each through the whole door: signature, proof and quorum, the strict reading
 * of its bytes, Automerge in its own process, and a durable commit. Beside it Automerge alone, which merges the same bytes one by one in
 * this process and keeps nothing.
 */
export async function measureJoint(size: Size, talk: (words: string) => void): Promise<Measured> {
  using federation = await createFederation(pair)
  await using usa = openMember(federation.root, 'USA')
  await using gbr = openMember(federation.root, 'GBR')
  talk(`joint-merge: ${size.jointChanges} changes`)
  const document = await usa.joint.create({
    kind: 'requirement',
    with: ['GBR'],
    documentLabel: { classification: 'RESTRICTED', releasableTo: [...pair], caveats: [] },
    dataset: 'joint',
    set: { title: 'Radar', text: 'Detects.' },
    unset: [],
  })
  for (let i = 0; i < size.jointChanges; i++)
    await usa.joint.edit(document, {
      set:
        i % 4 === 0
          ? { text: `Detects at ${i} km, and what stands before it stays.` }
          : { [`value.v${i % 50}.threshold`]: `${i} km` },
      unset: [],
    })
  usa.joint.notePublished()
  const frames: JointFrame[] = []
  /** The reader takes what one answer holds, so that the next one holds the rest. */
  const take = async (): Promise<number> => {
    let took = 0
    for (;;) {
      const given = usa.joint.missing('GBR', gbr.joint.held('USA'))
      if (given.length === 0) return took
      for (const frame of given) {
        if (frame.t !== 'joint') throw new Error('nobody has lied')
        frames.push(frame)
        const startMs = nowMs()
        const isNew = await gbr.joint.take(gbr.partner('USA'), frame)
        took += nowMs() - startMs
        if (!isNew) throw new Error('a change was not taken')
      }
    }
  }
  const oursMs = await take()
  const shown = await gbr.joint.show(document)

  const changes = frames.map(({ body }) => new Uint8Array(Buffer.from(body ?? '', 'base64')))
  const plain: number[] = []
  for (let round = 0; round < Math.max(3, size.rounds); round++) {
    const startMs = nowMs()
    let doc = A.init<Record<string, unknown>>()
    for (const change of changes) [doc] = A.applyChanges(doc, [change])
    plain.push(nowMs() - startMs)
    if (A.getHeads(doc).join() !== shown.heads.join())
      throw new Error('it merged to something else')
    A.free(doc)
  }
  const plainMs = Math.min(...plain)
  return {
    figures: {
      'joint changes': changes.length,
      'joint ms a change': oursMs / changes.length,
      'automerge ms a change': plainMs / changes.length,
    },
    rows: [row('joint-merge', oursMs / plainMs)],
  }
}

/** One member over its own SQLite file; the other's witness cosigns whatever it signs. */
function openMember(root: string, nation: Nation) {
  const db = openDatabase(join(root, nation, 'entente.db'), tables)
  const { deps } = depsOf(join(root, nation), db, Date.now)
  const log = createReleaseLog({
    db,
    clock: deps.clock,
    headFile: createHeadFile(join(root, nation, 'log-head')),
    origin: deps.origin,
    signer: deps.logSigner,
    hash: deps.hash,
  })
  const others = pair.filter((one) => one !== nation)
  const cosigners = others.map((one) => loadOwn(join(root, one)).cosigner)
  const published = () => {
    const { size, note } = log.head()
    const { text, signatures } = parseNote(note ?? '')
    const timeS = Math.floor(Date.now() / 1000)
    const added = cosigners.map((one) => cosign(text, one, timeS))
    return { size, note: formatNote({ text, signatures: [...signatures, ...added] }), missing: [] }
  }
  const compiled = compilePolicy(
    PolicyDocument.parse({
      nation,
      edition: 1,
      from: '2020-01-01',
      until: '2099-01-01',
      datasets: { joint: { mode: 'live', title: 'Joint documents' } },
      groups: {},
      ceilings: Object.fromEntries(others.map((one) => [one, 'RESTRICTED'])),
      bands: {},
      rules: [
        {
          id: 'joint',
          match: { dataset: { in: ['joint'] }, recipient: { in: others } },
          effect: 'permit',
          reasonCode: 'JOINT',
          authority: 'exercise',
        },
      ],
      tests: [],
    }),
  )
  const digest = 'p'.repeat(43)
  const policy = { compiled, digest, index: 0, register: null, ground: '', committedAt: 0 }
  const joint = createJointDocuments({
    deps,
    door: {
      deps,
      log,
      policies: { at: () => policy },
      publishedSize: () => Number.POSITIVE_INFINITY,
    },
    published,
    sealed: () => {},
    maySeal: () => true,
    onCheckpoint: () => {},
  })
  return {
    joint,
    partner: (other: Nation) => deps.partners.get(other) as Partner,
    [Symbol.asyncDispose]: async () => {
      await joint[Symbol.asyncDispose]()
      db[Symbol.dispose]()
    },
  }
}
