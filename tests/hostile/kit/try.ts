import { attacks } from './attacks.ts'
import { createBystander } from './bystander.ts'
import { readFileSync } from 'node:fs'
const only = process.argv[2], rounds = Number(process.argv[3] ?? 4), count = Number(process.argv[4] ?? 25)
await using b = await createBystander()
const cpu = () => { const f = readFileSync(`/proc/${b.usa.pid}/stat`, 'utf8').split(') ')[1]!.split(' '); return (Number(f[11]) + Number(f[12])) * 10 }
const q = (v: number[], s: number) => Math.round(v.toSorted((a, c) => a - c)[Math.max(0, Math.ceil(s * v.length) - 1)]!)
await b.edits(40)
for (const attack of Object.keys(attacks)) {
  if (only && !attack.includes(only)) continue
  const calm: number[] = [], hit: number[] = []
  let share = 0, acpu = 0, awall = 0, ucpu = 0
  for (let r = 0; r < rounds; r++) {
    await b.tell({ attack })
    const c0 = cpu(), t0 = performance.now()
    hit.push(...await b.edits(count))
    ucpu += (cpu() - c0) / (performance.now() - t0) / rounds
    const used = await b.tell({})
    acpu += used.cpuMs; awall += used.wallMs
    share = Math.min(1, acpu / awall)
    await new Promise((r) => setTimeout(r, 300))
    await b.tell({ burn: share })
    calm.push(...await b.edits(count))
    await b.tell({})
  }
  const line = (v: number[]) => [0.5, 0.9, 0.99, 1].map((s) => String(q(v, s)).padStart(5)).join('')
  console.log(`${attack.slice(0, 45).padEnd(46)} hit ${line(hit)}  calm ${line(calm)}  attacker ${share.toFixed(2)} usa ${ucpu.toFixed(2)} rss ${Math.round(b.rssMb())}`)
}
process.exit(0)
