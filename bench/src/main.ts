import { parseArgs } from 'node:util'
import { measureAudit } from './audit/measure-audit.ts'
import { measureDecide } from './decide/measure-decide.ts'
import { measureDiff } from './decide/measure-diff.ts'
import { measureRecompose } from './decide/measure-recompose.ts'
import { measureCatchUp } from './feed/measure-catch-up.ts'
import { measureFanout } from './feed/measure-fanout.ts'
import { measureResync } from './feed/measure-resync.ts'
import { measureServing } from './feed/measure-serving.ts'
import { measureJoint } from './joint/measure-joint.ts'
import { measureLedger } from './ledger/measure-ledger.ts'
import { measureLog } from './log/measure-log.ts'
import { measureRelease } from './release/measure-release.ts'
import { type Figures, formatTable, type Measured, machineWith } from './report.ts'
import { full, quick, type Size } from './size.ts'

const usage = `usage: pnpm bench [--only NAME] [--quick] [--json] [--profile DIR]

Prints how many times longer a node takes than the bare work, and than peers, all measured in this run.
  release        releases records from one nation to another and edits them, beside two automerge-repo peers
  ledger         imports the real files of fiscal year 2017 and 100,000 rows, opens that ledger, edits it
  log            seals statements one by one and in batches, proves one
  decide         decides 60 million fields for thirty partners, and some of them beside Cedar
  policy-diff    sets two policies side by side over records held
  recompose      composes for thirty partners what an edit moves, and seals what a new policy moves
  joint-merge    takes another member’s changes of a joint document in, beside Automerge alone
  fanout         seals and serves for thirty partners in four audiences, beside four partners in the same four
  audit          verifies an honest bundle of 100,000 leaves from its files; audit-1m: of a million, only when named
  resync         a partner comes back to 100,000 records of which none is new; only when named
  catch-up       a partner comes back after 100,000 records changed five times; only when named
  rss-serving    eight partners are served 100,000 records at once; only when named
  --only NAME    one suite, by its name or by that of a row that it prints, such as edit-p50 or fanout-30
  --quick        fewer records and edits, and a tenth of the leaves to audit, under two minutes
  --json         {machine, rows: [{id, value, unit, target, pass}]} instead of the table
  --profile DIR  CPU profiles of both nodes of a release, for the developer tools of a browser
`

const talk = (words: string) => process.stderr.write(`${words}\n`)

type Suite = (size: Size, profileDir: string | undefined) => Promise<Measured>
const suites: Readonly<Record<string, Suite>> = {
  release: (size, profileDir) => measureRelease(size, talk, profileDir),
  ledger: (size) => measureLedger(size, talk),
  log: (size) => measureLog(size, talk),
  decide: async (size) => measureDecide(size, talk),
  'policy-diff': async (size) => measureDiff(size, talk),
  recompose: (size) => measureRecompose(size, talk),
  'joint-merge': (size) => measureJoint(size, talk),
  fanout: (size) => measureFanout(size, talk),
  audit: (size) => measureAudit(size.auditLeaves, talk),
}

/** Minutes each: not among those that run when none is named. */
const long: Readonly<Record<string, Suite>> = {
  resync: (size) => measureResync(size, talk),
  'catch-up': (size) => measureCatchUp(size, talk),
  'rss-serving': (size) => measureServing(size, talk),
  'audit-1m': (size) => measureAudit(10 * size.auditLeaves, talk),
}

/** Rows that bear another name than their suite. */
const rowsOf: Readonly<Record<string, readonly string[]>> = {
  release: ['release-10k-floor', 'release-10k-peer', 'edit-p50', 'edit-p99'],
  ledger: ['import-fy2017', 'import-100k', 'import-100k-rss', 'open-100k', 'edit-cold'],
  log: ['log-lone', 'log-lone-unpadded', 'log-bulk', 'prove'],
  decide: ['decide-cedar', 'decide-60m'],
  recompose: ['recompose-one', 'recompose-all'],
  fanout: ['fanout-30'],
  audit: ['audit-10k', 'audit-100k'],
}
const suiteOf = (name: string): string =>
  Object.keys(rowsOf).find((suite) => rowsOf[suite]?.includes(name)) ?? name

async function run(only: string | undefined, size: Size, profileDir: string | undefined) {
  const chosen =
    only === undefined ? Object.values(suites) : [{ ...suites, ...long }[suiteOf(only)]]
  const measured: Measured[] = []
  for (const suite of chosen) {
    if (suite === undefined)
      throw new Error(
        `no suite ${only}; there are ${Object.keys({ ...suites, ...long }).join(', ')}`,
      )
    measured.push(await suite(size, profileDir))
  }
  const figures = Object.assign({}, ...measured.map((each) => each.figures)) as Figures
  return { machine: machineWith(rounded(figures)), rows: measured.flatMap(({ rows }) => rows) }
}

const rounded = (figures: Figures): Figures =>
  Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Math.round(value * 100) / 100]),
  )

try {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) process.stdout.write(usage)
  else {
    const { machine, rows } = await run(values.only, values.quick ? quick : full, values.profile)
    process.stdout.write(
      values.json ? `${JSON.stringify({ machine, rows }, null, 2)}\n` : formatTable(machine, rows),
    )
  }
} catch (error) {
  talk(`the bench could not run: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
