import { createHash } from 'node:crypto'
import { renderReport, reportJson, verifyBundles } from '../src/index.ts'
import { platformVerify } from './keys.ts'
import { bundlesOf, tell } from './story.ts'

/** Audits the true story and says what came out, and under which locale and time zone. */
const told = tell()
const { roster, now } = told.federation
const report = verifyBundles(bundlesOf(told), {
  roster,
  verify: platformVerify,
  atMs: now + 60_000,
})
const digest = (text: string) => createHash('sha256').update(text).digest('hex')
const { locale, timeZone } = new Intl.DateTimeFormat().resolvedOptions()
const answer = {
  locale,
  timeZone,
  ok: report.ok,
  replayed: report.nations['USA']?.checkedContent,
  json: digest(reportJson(report)),
  page: digest(renderReport(report)),
}
process.stdout.write(JSON.stringify(answer))
