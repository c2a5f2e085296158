import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verbs } from '@entente/cli'
import { expect, onTestFinished, test } from 'vitest'
import type { Io } from '../src/io.ts'
import { runCli } from '../src/program.ts'
import { fakeNode } from './fake.ts'

test('opened again, a node that did not serve is told that neither --alone nor what it was resumes it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'entente-serve-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const stopped = Promise.withResolvers<'SIGTERM'>()
  const states = ['serving', 'frozen', 'asking', 'serving'] as const
  const opened: unknown[] = []
  const openNode: Io['openNode'] = async ({ alone, stood, resumedAt, onReopen }) => {
    const state = states[opened.push([alone, stood, resumedAt !== undefined]) - 1] ?? 'serving'
    if (opened.length === states.length) stopped.resolve('SIGTERM')
    else setTimeout(() => onReopen?.())
    const node = fakeNode()
    const status = { ...(await node.status()), state }
    return { ...node, status: async () => status, [Symbol.asyncDispose]: async () => {} }
  }
  const said = { out: () => {}, err: () => {}, env: {}, nowMs: () => 0, askSecret: () => null }
  const io = { ...said, openNode, stopped: () => stopped.promise, onInterrupt: () => () => {} }
  await runCli(['serve', '--alone', '--folder', folder], verbs, io as unknown as Io)
  expect(opened).toEqual([
    [true, false, false],
    [true, false, true],
    [true, true, false],
    [true, true, false],
  ])
})
