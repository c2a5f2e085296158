import { expect, test } from 'vitest'
import { createTold } from '../src/gossip/told.ts'

const minuteMs = 60_000
const all = ['one', 'two', 'three']

test('a partner is told everything first, then what is new alone, and everything again after some minutes', () => {
  const told = createTold()
  const first = told.newTo('CAN', all, 0)
  expect(first.texts).toEqual(all)
  // Nothing has been heard of it yet: it may not have arrived.
  expect(told.newTo('CAN', all, 1).texts).toEqual(all)
  told.took('CAN', first)
  expect(told.newTo('CAN', all, 2).texts).toEqual([])
  expect(told.newTo('DNK', all, 2).texts).toEqual(all)
  const more = [...all, 'four']
  const news = told.newTo('CAN', more, 3)
  expect(news.texts).toEqual(['four'])
  expect(told.newTo('CAN', more, 4).texts).toEqual(['four'])
  told.took('CAN', news)
  expect(told.newTo('CAN', more, 5).texts).toEqual([])
  expect(told.newTo('CAN', more, 5 * minuteMs - 1).texts).toEqual([])
  expect(told.newTo('CAN', more, 5 * minuteMs).texts).toEqual(more)
  // News do not put off when everything is due.
  told.took('CAN', told.newTo('CAN', [...more, 'five'], 4 * minuteMs))
  expect(told.newTo('CAN', more, 5 * minuteMs).texts).toEqual(more)
  // A clock that was set back says nothing of how long ago it was.
  expect(told.newTo('CAN', more, -1).texts).toEqual(more)
})

test('what a partner has told itself it is not told', () => {
  const told = createTold()
  told.knows('CAN', ['one'])
  expect(told.newTo('CAN', all, 0).texts).toEqual(all)
  told.took('CAN', told.newTo('CAN', all, 0))
  told.knows('CAN', ['four'])
  expect(told.newTo('CAN', ['four', 'five'], 1).texts).toEqual(['five'])
})

test('one that is connected anew is told everything, whatever was on its way', () => {
  const told = createTold()
  told.took('CAN', told.newTo('CAN', all, 0))
  const news = told.newTo('CAN', [...all, 'four'], 1)
  told.forget('CAN')
  told.took('CAN', news)
  expect(told.newTo('CAN', all, 2).texts).toEqual(all)
})

test('one that tells nothing, or no more than before, begins anew; one that tells of larger logs goes on', () => {
  const told = createTold()
  const knowsAll = () => told.took('CAN', told.newTo('CAN', all, 0))
  const isTold = () => told.newTo('CAN', all, 1).texts.length
  knowsAll()
  expect(told.hears('CAN', [{ origin: 'a', size: 7 }])).toBe(false)
  expect(told.hears('CAN', [{ origin: 'b', size: 1 }])).toBe(false)
  expect(told.hears('CAN', [{ origin: 'a', size: 8 }])).toBe(false)
  expect(isTold()).toBe(0)
  for (const sizes of [
    [],
    [{ origin: 'a', size: 8 }],
    [
      { origin: 'b', size: 2 },
      { origin: 'a', size: 7 },
    ],
  ]) {
    expect(told.hears('CAN', sizes)).toBe(true)
    expect(isTold()).toBe(all.length)
    knowsAll()
    told.hears('CAN', [{ origin: 'a', size: 8 }])
    knowsAll()
  }
  // Of another partner nothing is said by it.
  expect(told.hears('DNK', [{ origin: 'a', size: 8 }])).toBe(false)
})
