import {
  type ControlServer,
  lockFolder,
  type NodeApi,
  pathsOf,
  putBackRoster,
  serveControl,
  settleRoster,
} from '@entente/node'
import { z } from 'zod'
import { isReminderDue, type Reminded, sayReminder, sinceReminded } from '../approvals/reminder.ts'
import { EXIT } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import { partnerAlerts } from '../status/partner-alerts.ts'
import { defineVerb } from '../verb.ts'

export const serveVerb = defineVerb({
  name: 'serve',
  purpose: 'Run the node until it is told to stop (SIGTERM or Ctrl-C).',
  options: [
    {
      flags: '--offline',
      purpose: 'this node has no network: bundles carry what goes and comes (bundle export)',
    },
    { flags: '--alone', purpose: 'go on although no partner has confirmed the log’s head' },
  ],
  example: 'serve --folder ./nor',
  next: 'in another terminal: entente status',
  input: z.strictObject({
    offline: z.boolean().default(false),
    alone: z.boolean().default(false),
  }),
  run: async ({ folder, io, json, say }, { alone, offline }) => {
    using _lock = lockFolder(folder)
    const stopped = io.stopped()
    await using kept = new AsyncDisposableStack()
    let control: ControlServer | null = null
    let resumedAt: number | undefined
    let stood = false
    for (;;) {
      const changed = Promise.withResolvers<null>()
      const onReopen = () => changed.resolve(null)
      await using node = await openOrPutBack(io, {
        folder,
        network: !offline,
        alone,
        offline,
        stood,
        resumedAt,
        onReopen,
      })
      if (control === null) {
        control = kept.use(await serveControl(node, pathsOf(folder).socket))
        await sayServing(node, io, json)
      } else {
        control.resume(node)
        if (!json) say(`opened again: ${(await node.status()).words}`)
      }
      using _reminders = remindOfficers(node, io)
      const signal = await Promise.race([stopped, changed.promise])
      if (signal !== null) {
        if (!json) say('stopping …')
        // First: verbs that run end before their node does.
        await control[Symbol.asyncDispose]()
        const exit = signal === 'SIGINT' ? EXIT.interrupted : EXIT.done
        return { json: null, text: '', exit }
      }
      await control.hold()
      const { state, log } = await node.status()
      resumedAt = state === 'serving' ? log.size : undefined
      // What was said at the start does not outweigh what somebody has shown since.
      stood = state !== 'serving'
    }
  },
})

/** What a roster that no node can be opened with makes an opening throw. */
const ofRoster = ['RosterError', 'TransportError', 'VerificationError']

/** A roster that this node does not open with must not stop it: it goes on with the one before, once. */
async function openOrPutBack(
  io: Io,
  options: Parameters<Io['openNode']>[0],
): ReturnType<Io['openNode']> {
  const { folder } = options
  try {
    const node = await io.openNode(options)
    settleRoster(folder)
    return node
  } catch (error) {
    if (!(error instanceof Error) || !ofRoster.includes(error.name) || !putBackRoster(folder))
      throw error
    io.err(`the new roster is put aside, and the one before is in force again: ${error.message}\n`)
    return io.openNode(options)
  }
}

/** Said at once: whoever started this process waits for the line. */
async function sayServing(node: NodeApi, io: Io, json: boolean): Promise<void> {
  const { ports, words, exercise } = await node.status()
  if (json) {
    io.out(`${JSON.stringify({ serving: node.nation, ports, words })}\n`)
    return
  }
  const banner = exercise === null ? '' : `${exercise}\n`
  io.out(`${banner}${node.nation} serves on ${ports.join(', ') || 'no port'}: ${words}\n`)
}

/** How often it is looked whether somebody must be reminded. */
const lookMs = 60_000

/**
 * Tells on stderr, for whoever reads the log of the service, what waits too long for officers or ends soon, and which partner has not
 * been in sync for too long.
 */
function remindOfficers(node: NodeApi, io: Io): Disposable {
  let last: Reminded | null = null
  let late: ReadonlySet<string> = new Set()
  const look = async (): Promise<void> => {
    const { needs, partners } = await node.status()
    const { approvals } = needs
    const alerts = partnerAlerts(late, partners)
    late = alerts.late
    for (const line of alerts.lines) io.err(`${line}\n`)
    const nowMs = io.nowMs()
    const isDue = isReminderDue(last, approvals, nowMs)
    last = sinceReminded(last, approvals)
    if (!isDue) return
    last = { atMs: nowMs, overdue: approvals.overdue, ending: approvals.ending }
    io.err(`${sayReminder(approvals)}\n`)
  }
  // A look that fails is followed by the next; the node says itself what is wrong with it.
  const timer = setInterval(() => void look().catch(() => {}), lookMs).unref()
  void look().catch(() => {})
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
