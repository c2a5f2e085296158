import { spawn } from 'node:child_process'
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadOwn } from '@entente/node'
import { nowMs } from '../child.ts'
import { temporaryFolder } from '../durable.ts'
import { createFederation } from '../federation.ts'
import { type Measured, row } from '../report.ts'
import { makeBundle } from './make-bundle.ts'

/**
 * The auditor's own command over an honest bundle with content: every signature, every decision, every fragment. Beside it
 * the least that any auditor of such a log does: one hash an entry and one signature a leaf, on one core.
 */
export async function measureAudit(
  leaves: number,
  talk: (words: string) => void,
): Promise<Measured> {
  const name = nameOf(leaves)
  using federation = await createFederation()
  using folder = temporaryFolder('audit')
  const bundle = join(folder.path, 'bundle')
  talk(`${name}: writing an honest bundle of ${leaves} leaves`)
  await makeBundle(bundle, leaves, federation)
  talk(`${name}: auditing it`)
  const { seconds, cpuSeconds, rssMiB, report } = await audit(
    bundle,
    loadOwn(federation.sender).rosterPath,
  )
  const nation = report.nations['USA']
  if (!report.ok || nation?.leaves !== leaves || nation.checkedContent !== true)
    throw new Error(
      `the audit of an honest bundle found ${JSON.stringify(report.findings.slice(0, 3))}`,
    )
  const floorSeconds = floorOf(leaves)
  return {
    figures: {
      [`${name} leaves`]: leaves,
      [`${name} seconds`]: seconds,
      [`${name} leaves/s`]: leaves / seconds,
      [`${name} RSS MiB`]: rssMiB,
      [`${name} cores used`]: cpuSeconds / seconds,
      [`${name} floor seconds`]: floorSeconds,
    },
    rows: [row(name, seconds / floorSeconds)],
  }
}

/** Says how many leaves there were, such as `audit-10k`: a quick run must not be taken for a full one. */
const nameOf = (leaves: number): string =>
  leaves % 1e6 === 0 ? `audit-${leaves / 1e6}m` : `audit-${leaves / 1e3}k`

interface Ran {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly rssMiB: number
  readonly report: {
    readonly ok: boolean
    readonly findings: readonly unknown[]
    readonly nations: Readonly<
      Record<string, { readonly leaves: number; readonly checkedContent: boolean }>
    >
  }
}

const main = fileURLToPath(new URL('../../../packages/cli/src/main.js', import.meta.url))
/** Says on file 3 what the process has used, threads and all. */
const meter = `import{writeSync}from'node:fs';process.on('exit',()=>writeSync(3,JSON.stringify(process.resourceUsage())))`

async function audit(bundle: string, roster: string): Promise<Ran> {
  const startMs = nowMs()
  const child = spawn(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(meter)}`,
      main,
      'audit',
      'verify',
      bundle,
      '--trust',
      roster,
      '--json',
    ],
    { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] },
  )
  const [answer, used] = await Promise.all([textOf(child.stdio[1]), textOf(child.stdio[3])])
  const seconds = (nowMs() - startMs) / 1_000
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(used) as NodeJS.ResourceUsage
  return {
    seconds,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    rssMiB: maxRSS / 1_024,
    report: JSON.parse(answer) as Ran['report'],
  }
}

async function textOf(stream: unknown): Promise<string> {
  let text = ''
  for await (const piece of stream as AsyncIterable<Buffer>) text += piece.toString()
  return text
}

/** Seconds for as many hashes of entries and nodes, and checks of signatures over statements, as the log has. */
function floorOf(leaves: number): number {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const statement = Buffer.alloc(700, 'x')
  const signature = sign(null, statement, privateKey)
  const node = Buffer.alloc(65)
  const sample = Math.min(leaves, 20_000)
  const startMs = nowMs()
  for (let i = 0; i < sample; i++) {
    createHash('sha256').update(node.subarray(0, 34)).digest()
    createHash('sha256').update(node).digest()
    if (!verify(null, statement, publicKey, signature)) throw new Error('a signature was refused')
  }
  return ((nowMs() - startMs) / 1_000) * (leaves / sample)
}
