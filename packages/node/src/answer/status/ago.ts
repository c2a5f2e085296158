/** How long, in the unit that a person would use. */
export function ago(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000))
  if (s < 90) return `${s} s`
  if (s < 5_400) return `${Math.round(s / 60)} min`
  const h = Math.round(s / 3_600)
  return h < 48 ? `${h} h` : `${Math.round(h / 24)} d`
}

/** Time of day, UTC, as in `14:05:10Z`. */
export const clockTime = (atMs: number): string => `${new Date(atMs).toISOString().slice(11, 19)}Z`
