import * as A from '@automerge/automerge'
import { readChange } from '@entente/node/testing'
import { type Joint, type JointTerms, jointActor } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { bodyOf, chunkOf, headerOf, withColumn } from '../support/hostile-change.ts'
import { give, hashOf, type Member, openMember, restricted, settle, taking } from './members.ts'

// USA writes with its own keys whatever it likes; GBR judges, and AUS writes on.
let federation: Federation
/** The document of all refusals: what is refused leaves it as it is. */
let it: Awaited<ReturnType<typeof openDocument>>
beforeAll(async () => {
  federation = createFederation(['AUS', 'GBR', 'USA'])
  it = await openDocument()
})
afterAll(async () => {
  await it[Symbol.asyncDispose]()
  await federation[Symbol.asyncDispose]()
})

/** Three members, and a document of AUS that all have. */
async function openDocument() {
  const stack = new AsyncDisposableStack()
  const [aus, gbr, usa] = (['AUS', 'GBR', 'USA'] as const).map((nation) =>
    stack.use(openMember(federation, nation)),
  ) as [Member, Member, Member]
  const document = await aus.joint.create({
    kind: 'requirement',
    with: ['GBR', 'USA'],
    quorum: 2,
    documentLabel: restricted,
    dataset: 'joint',
    set: { title: 'Radar', text: 'Detects.' },
    unset: [],
  })
  await settle([aus, gbr, usa])
  const [first] = aus.said(document)
  if (first === undefined) throw new Error('nothing was created')
  const { terms } = first.payload as Joint & { readonly terms: JointTerms }
  const base = Buffer.from(first.frame.body ?? '', 'base64')
  const place = { feed: document, seq: 0, statement: document }
  const actor = jointActor(terms, 'USA', 0)
  /** A change that the USA makes with Automerge itself on top of the first. */
  const changeBy = (
    by: string,
    edit: (draft: Record<string, unknown>) => void,
    options: A.ChangeOptions<Record<string, unknown>> = { time: 0 },
  ) => {
    const [doc] = A.applyChanges(A.init<Record<string, unknown>>({ actor: by }), [base])
    return A.getLastLocalChange(A.change(doc, options, edit)) as Uint8Array
  }
  /** Statement 0 of the USA in the document, saying of the bytes what they say, or what it is told to. */
  const statement = (bytes: Uint8Array, said: Partial<Joint> = {}) => {
    const { hash, actor: by, seq, startOp, ops } = headerOf(bytes)
    return {
      origin: usa.deps.origin,
      at: usa.deps.clock.nowMs(),
      document,
      feed: null,
      seq: 0,
      prev: null,
      recipients: ['AUS', 'GBR'],
      actor: by,
      actorSeq: seq,
      change: hash,
      deps: [place],
      startOp,
      ops,
      policy: 0,
      inputs: 'i'.repeat(43),
      ...said,
    }
  }
  const send = (bytes: Uint8Array, said: Partial<Joint> = {}) =>
    taking(gbr, usa.sign('joint', statement(bytes, said), bytes))
  /** The other two go on, whatever the USA has done. */
  const othersGoOn = async () => {
    await aus.joint.edit(document, { set: { title: `Radar ${Math.random()}` }, unset: [] })
    expect(await give(aus, gbr)).toBe(1)
    const [a, g] = await Promise.all([aus, gbr].map(({ joint }) => joint.show(document)))
    expect(g?.heads).toEqual(a?.heads)
    expect(g?.values).toEqual(a?.values)
  }
  return {
    aus,
    gbr,
    usa,
    document,
    terms,
    place,
    actor,
    changeBy,
    statement,
    send,
    othersGoOn,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const title = (value: string) => (draft: Record<string, unknown>) => {
  draft['title'] = new A.ImmutableString(value)
}

test('an honest change of the USA is taken', async () => {
  await using it = await openDocument()
  expect(await it.send(it.changeBy(it.actor, title('Better radar')))).toBe(null)
  const { title: shown, values } = await it.gbr.joint.show(it.document)
  expect(shown).toBe('Better radar')
  expect(values[0]).toMatchObject({ writer: 'USA' })
})

test('case 52: a change under another writer’s actor is refused, and the others go on', async () => {
  const foreign = it.changeBy('cd'.repeat(16), title('x'))
  expect(await it.send(foreign)).toBe('USA JOINT_ACTOR')
  await it.othersGoOn()
  // Under the actor of AUS, whose second change it would then be.
  expect(await it.send(it.changeBy(jointActor(it.terms, 'AUS', 0), title('x')))).toBe(
    'USA JOINT_ACTOR',
  )
  await it.othersGoOn()
})

test('case 52: operations that begin far beyond what the change builds on are refused', async () => {
  const honest = it.changeBy(it.actor, title('x'))
  const { startOp } = readChange(honest)
  // `startOp` is one byte here; 10^8 takes four. Everything before it is of a fixed length.
  const body = bodyOf(honest)
  const at = 1 + 32 + 1 + 16 + 1
  expect(body[at]).toBe(startOp)
  const huge = chunkOf(
    1,
    Buffer.concat([
      body.subarray(0, at),
      Uint8Array.of(0x80, 0xc2, 0xd7, 0x2f),
      body.subarray(at + 1),
    ]),
  )
  expect(readChange(huge).startOp).toBe(100_000_000)
  // Automerge itself takes it, and can never open the document it.
  expect(() => A.decodeChange(huge)).not.toThrow()
  expect(await it.send(huge)).toBe('USA JOINT_START_OP')
  await it.othersGoOn()
})

test('case 52: two changes in one blob are refused', async () => {
  const one = it.changeBy(it.actor, title('one'))
  const other = it.changeBy('ef'.repeat(16), title('other'))
  const { hash, actor, seq, startOp, ops } = headerOf(one)
  const blob = new Uint8Array(Buffer.concat([one, other]))
  // Named as the first, and as what the whole hashes to.
  const said = { actor, actorSeq: seq, startOp, ops, change: hash }
  expect(await it.send(blob, said)).toBe('USA JOINT_CHUNK')
  await it.othersGoOn()
  expect(await it.send(blob)).toBe('USA JOINT_CHUNK')
  await it.othersGoOn()
})

test('case 52: a change that builds on what nobody has shown is refused until it is shown', async () => {
  await using it = await openDocument()
  const bytes = it.changeBy(it.actor, title('x'))
  const missing = { ...it.place, statement: 'm'.repeat(43) }
  expect(await it.send(bytes, { deps: [missing] })).toBe('USA JOINT_DEPS')
  expect(await it.send(bytes, { deps: [] })).toBe('USA JOINT_DEPS')
  await it.othersGoOn()
  // Not a lie that is held against it: it comes once more with what it builds on.
  const { stopped } = await it.gbr.joint.show(it.document)
  expect(stopped).toEqual([])
  await it.usa.joint.edit(it.document, { set: { title: 'y' }, unset: [] })
  await it.usa.joint.edit(it.document, { set: { title: 'z' }, unset: [] })
  const [, late] = it.usa.said(it.document)
  expect(await taking(it.gbr, late?.frame as never)).toBe('USA FEED_GAP')
})

test('case 52: two statements at one place strike their writer; the others go on from a rebase without it', async () => {
  await using it = await openDocument()
  const { aus, gbr, usa, document } = it
  const say = (value: string) => {
    const bytes = it.changeBy(it.actor, title(value))
    return usa.sign('joint', it.statement(bytes), bytes)
  }
  const [one, other] = [say('to GBR'), say('to AUS')]
  expect(hashOf(one)).not.toBe(hashOf(other))
  expect(await taking(gbr, one)).toBe(null)
  expect(await taking(aus, other)).toBe(null)
  // Both build on what they were told.
  await gbr.joint.edit(document, { set: { 'needed-by': '2031-06-30' }, unset: [] })
  await gbr.joint.edit(document, { set: { text: 'Detects. At night.' }, unset: [] })
  await aus.joint.edit(document, { set: { 'value.range.unit': 'km' }, unset: [] })
  await settle([aus, gbr])
  const [a, g] = await Promise.all([aus, gbr].map(({ joint }) => joint.show(document)))
  expect(g?.heads).toEqual(a?.heads)
  expect(g?.values).toEqual(a?.values)
  expect(g?.text).toBe('Detects. At night.')
  expect(
    Object.fromEntries(
      g?.values.map(({ path, value, writer }) => [path, `${value} by ${writer}`]) ?? [],
    ),
  ).toEqual({
    title: 'Radar by AUS',
    'needed-by': '2031-06-30 by GBR',
    'value.range.unit': 'km by AUS',
  })
  expect(g?.twice).toEqual([{ nation: 'USA', seq: 0 }])
  expect(gbr.refused).toContain('USA JOINT_TWICE')
  expect(aus.refused).toContain('USA JOINT_TWICE')
  await it.othersGoOn()
})

test('case 52: a second number of one actor is refused', async () => {
  await using it = await openDocument()
  const { aus, gbr, usa, document } = it
  await usa.joint.edit(document, { set: { title: 'first' }, unset: [] })
  await settle([aus, gbr, usa])
  const [first] = usa.said(document)
  // Again change 1 of the actor, beside its first, as statement 1 of the feed.
  const bytes = it.changeBy(it.actor, title('again'))
  const feed = hashOf(first?.frame as never)
  const said = { feed, seq: 1, prev: feed }
  expect(await it.send(bytes, said)).toBe('USA JOINT_SEQ')
  await it.othersGoOn()
  const { stopped } = await gbr.joint.show(document)
  expect(stopped).toMatchObject([{ nation: 'USA', seq: 1, code: 'JOINT_SEQ' }])
})

/** Bytes that Automerge would take, or choke on. */
const hostile: readonly (readonly [
  what: string,
  code: string,
  make: (it: Awaited<ReturnType<typeof openDocument>>) => Uint8Array,
])[] = [
  [
    'a compressed chunk',
    'JOINT_CHUNK',
    (it) => chunkOf(2, bodyOf(it.changeBy(it.actor, title('x')))),
  ],
  ['a whole document', 'JOINT_CHUNK', () => A.save(A.from({ title: 'x' }))],
  [
    'a message',
    'JOINT_MESSAGE',
    (it) => it.changeBy(it.actor, title('x'), { time: 0, message: 'read this' }),
  ],
  [
    'an operation count that one run blows up',
    'JOINT_SIZE',
    (it) => {
      // 2^40 times set, in as many bytes as once.
      const run = Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0x01)
      return chunkOf(1, withColumn(bodyOf(it.changeBy(it.actor, title('x'))), 0x42, run))
    },
  ],
  [
    'a nested map',
    'JOINT_OPERATION',
    (it) =>
      it.changeBy(it.actor, (draft) => {
        draft['nested'] = { a: { b: {} } }
      }),
  ],
  [
    'a list',
    'JOINT_OPERATION',
    (it) => {
      const [doc] = A.applyChanges(A.init<Record<string, unknown>>({ actor: it.actor }), [])
      return A.getLastLocalChange(
        A.change(doc, { time: 0 }, (draft) => {
          draft['list'] = [1, 2]
        }),
      ) as Uint8Array
    },
  ],
  [
    'another text',
    'JOINT_OPERATION',
    (it) =>
      it.changeBy(it.actor, (draft) => {
        draft['text'] = 'mine now'
      }),
  ],
  ['nothing', 'JOINT_CHUNK', () => new Uint8Array()],
  [
    'more bytes than are taken',
    'JOINT_SIZE',
    (it) =>
      it.changeBy(it.actor, (draft) => {
        draft['title'] = new A.ImmutableString('x'.repeat(70_000))
      }),
  ],
]

test('case 52: compressed, nested, blown up and other bytes never reach Automerge, and the others go on', async () => {
  for (const [what, code, make] of hostile) {
    const answer = await it.send(make(it))
    expect(`${what}: ${answer}`).toBe(`${what}: USA ${code}`)
  }
  await it.othersGoOn()
  const { stopped } = await it.gbr.joint.show(it.document)
  expect(stopped.map(({ nation }) => nation)).toEqual(['USA'])
})
