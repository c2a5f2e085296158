import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAutomergeProcess } from '@entente/node/testing'
import { expect, test } from 'vitest'
import { createFederation } from '../support/federation.ts'
import { type Member, nations, openMember, restricted, settle } from './members.ts'

const limits = { heapMiB: 256, memoryMiB: 2_048, answerMs: 30_000, idleMs: 60_000 }

test('the process that runs Automerge may die at any moment: nothing is lost, and the node goes on', async () => {
  await using federation = createFederation(nations)
  await using stack = new AsyncDisposableStack()
  const automerge = createAutomergeProcess(limits)
  const gbr = stack.use(openMember(federation, 'GBR', automerge))
  const [aus, usa] = (['AUS', 'USA'] as const).map((nation) =>
    stack.use(openMember(federation, nation)),
  ) as [Member, Member]
  const document = await usa.joint.create({
    kind: 'requirement',
    with: ['AUS', 'GBR'],
    documentLabel: restricted,
    dataset: 'joint',
    set: { title: 'Radar', text: 'Detects.' },
    unset: [],
  })
  await settle([aus, gbr, usa])
  await usa.joint.edit(document, { set: { title: 'Better radar' }, unset: [] })
  process.kill(automerge.pid() as number, 'SIGKILL')
  await settle([aus, gbr, usa])
  process.kill(automerge.pid() as number, 'SIGKILL')
  await gbr.joint
    .edit(document, { set: { 'needed-by': '2031-06-30' }, unset: [] })
    .catch(async () => {
      // It may have died while it was asked: then it is asked again.
      await gbr.joint.edit(document, { set: { 'needed-by': '2031-06-30' }, unset: [] })
    })
  await settle([aus, gbr, usa])
  const [a, g] = await Promise.all([aus, gbr].map(({ joint }) => joint.show(document)))
  expect(g).toEqual(a)
  expect(g?.values.map(({ path, value }) => [path, value])).toEqual([
    ['needed-by', '2031-06-30'],
    ['title', 'Better radar'],
  ])
})

test('a process that gives no answer or takes too much memory is ended with a code, and the event loop is free meanwhile', async () => {
  await using federation = createFederation(['AUS'])
  const script = (name: string, work: string): string => {
    const path = join(federation.root, `${name}.mjs`)
    writeFileSync(path, `process.on('message', () => { ${work} })\n`)
    return path
  }
  const ask = async (name: string, work: string, change: Partial<typeof limits>) => {
    // Its own folder is the only one that such a program needs.
    await using automerge = createAutomergeProcess({ ...limits, ...change }, script(name, work))
    let ticks = 0
    const ticking = setInterval(() => ticks++, 5)
    const refused = await automerge.ask({ do: 'read', document: 'x' }).catch((error) => error)
    clearInterval(ticking)
    return { code: refused.code, message: refused.message as string, ticks }
  }
  const hung = await ask('hung', 'for (;;);', { answerMs: 2_000 })
  expect(hung).toMatchObject({
    code: 'JOINT_WORKER',
    message: expect.stringContaining('no answer') as string,
  })
  expect(hung.ticks).toBeGreaterThan(5)
  const died = await ask('died', 'process.abort()', {})
  expect(died.code).toBe('JOINT_WORKER')
})
