import { expect, test } from 'vitest'
import { type AuditReport, renderReport, renderText, verifyBundles } from '../src/index.ts'
import { platformVerify } from './keys.ts'
import { bundlesOf, type Lies, tell } from './story.ts'

function audit(lies: Lies = {}): AuditReport {
  const told = tell(lies)
  const { roster, now } = told.federation
  const trust = { roster, verify: platformVerify, atMs: now + 60_000 }
  return verifyBundles(bundlesOf(told, lies.bundles), trust)
}

test('page and text name the policy authority, the key that ran the releases, and what went where', () => {
  const report = audit()
  const { node, policies } = report.nations['USA'] ?? {}
  for (const out of [renderReport(report), renderText(report)]) {
    expect(out).toContain('EXERCISE: public facts, invented labels and policies')
    expect(out).toContain('Audit of USA, GBR, NOR')
    expect(out).toContain('no findings')
    expect(out.replaceAll(/<\/?code>/g, '')).toContain(
      `certificate ${node?.serial}, key ${node?.key}`,
    )
    expect(out).toContain(policies?.[0]?.authorities[0]?.name)
    expect(out).toContain('2026-09-01 to 2027-09-01')
  }
  expect(renderText(report)).toContain('to GBR: 1 records with 3 fields now (4 puts, 3 drops)')
  expect(renderReport(report)).toContain(policies?.[0]?.authorities[0]?.key)
})

test('page and text name each finding, its nation and what it means', () => {
  const report = audit({ narrow: { statement: { seq: 9 } } })
  for (const out of [renderReport(report), renderText(report)]) {
    expect(out).toContain('1 finding')
    expect(out).toContain('FEED_GAP')
    expect(out).toContain('a sequence number of a feed is missing')
  }
})

test('what a bundle says cannot become part of the page', () => {
  const lie = { origin: '"><script>alert(1)</script>', note: '' }
  const bundles: Lies['bundles'] = {
    USA: ({ rows }) => void Object.assign(rows, { 'partner-checkpoints.jsonl': [lie] }),
  }
  const page = renderReport(audit({ bundles }))
  expect(page).toContain('&#60;script&#62;')
  expect(page).not.toContain('<script')
})

test('what a bundle says cannot steer the terminal', () => {
  const lie = { origin: 'a\u001b[2J\nok: no findings', note: '' }
  const bundles: Lies['bundles'] = {
    USA: ({ rows }) => void Object.assign(rows, { 'partner-checkpoints.jsonl': [lie] }),
  }
  const text = renderText(audit({ bundles }))
  expect(text).toContain('a [2J ok: no findings')
  expect(text).not.toContain('\u001b')
})
