import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { readManifest } from '../demo/examples.ts'
import { startFederation } from '../demo/federation.ts'
import { tablesOf } from '../demo/import-tables.ts'
import { demoJson, invitation, renderDemo } from '../demo/render-demo.ts'
import { runDemo } from '../demo/run-demo.ts'
import { EXIT } from '../exit-codes.ts'
import { defineVerb } from '../verb.ts'

const nations = ['AUS', 'CAN', 'GBR', 'NOR', 'USA']

/** The main job: five nations, real public data, everything proven and audited. */
export const demoVerb = defineVerb({
  name: 'demo',
  purpose: 'Run five nations on this machine: import, release, verify, ask, audit',
  options: [
    { flags: '--once', purpose: 'end when done, and leave nothing behind' },
    {
      flags: '--data <dir>',
      purpose: 'import the real files in full from here (see examples/public-data/README.md)',
    },
    {
      flags: '--work <dir>',
      purpose: 'keep folders, keys and bundles here; a run that was cut off goes on from here',
    },
  ],
  example: 'demo --once',
  next: 'read docs/walkthrough.md, which does the same by hand with two nations',
  input: z.object({
    once: z.boolean().default(false),
    data: z.string().optional(),
    work: z.string().optional(),
  }),
  run: async (session, { once, data, work }) => {
    const started = performance.now()
    const tables = tablesOf(nations, data)
    const root = work === undefined ? mkdtempSync(join(tmpdir(), 'entente-demo-')) : resolve(work)
    mkdirSync(root, { recursive: true, mode: 0o700 })
    const { banner } = readManifest()
    session.say(banner)
    try {
      await using federation = await startFederation(root, nations, banner)
      const { compared } = federation
      if (compared !== null)
        session.say(
          `Paired by invitation. The six words of ${compared.nations.join(' and ')}: ${compared.words}`,
        )
      const talk = { say: session.say, progress: session.progress }
      const result = await runDemo(federation, root, talk, tables)
      const seconds = Math.round((performance.now() - started) / 100) / 10
      const json = demoJson(result, seconds)
      const text = renderDemo(result, seconds, session.io)
      const exit = result.ok ? EXIT.done : EXIT.unverified
      if (once) return { json, text, exercise: banner, exit }
      session.io.out(session.json ? `${JSON.stringify(json)}\n` : `${banner}\n${text}\n`)
      session.say(invitation(federation, federation.rosterPath, join(root, 'audit')))
      await session.io.stopped()
      session.say('The five nodes have ended.')
      return { json: null, text: '', exit }
    } finally {
      if (work === undefined) rmSync(root, { recursive: true, force: true })
    }
  },
})
