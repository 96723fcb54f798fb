#!lua
-- Writes the Changes of one room: each whole or not at all.
--
-- A script has no rollback, so every Change is first CHECKED against what is stored and what the Changes before it
-- take, and only then are those that passed WRITTEN; after the first write nothing may fail. The first line makes
-- the server refuse the whole script beforehand when it is out of memory, a replica, or cannot persist.
--
-- KEYS[1..5]  seq, counters, stock, due, outbox of the room; then rows, logs and boards, which the Changes name by
--             their place in KEYS
-- ARGV[1]     MessagePack: {milliseconds for which the outbox is kept, {Change, ...}}, where a Change is
--             {row's key, version, header and body, subject, {{claim, take, stock}, ...}, {{log's key, entry or false}, ...},
--             {{counter, add}, ...}, {{board's key, score or false}, ...}, {{what, at or false}, ...},
--             outbox record or false}
-- ARGV[2..]   header and body, entries, outbox records, which the Changes name by their place in ARGV
-- answers     one per Change: {seq, new sum per counter ...} when written, else a string: "conflict",
--             "claim NAME", "large" or "damaged KEY"

local SEQ, COUNTERS, STOCK, DUE, OUTBOX = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local ROOM = { { SEQ, 'string' }, { COUNTERS, 'hash' }, { STOCK, 'hash' }, { DUE, 'zset' }, { OUTBOX, 'stream' } }
local LARGEST = 9007199254740991 -- doubles count exactly up to here
local OF = ' of' -- what stands behind a stock's name for the number it began with: no name has a space

local batch = cmsgpack.unpack(ARGV[1])
local kept, changes = batch[1], batch[2]

local function whole(text)
  local number = string.match(text, '^-?%d+$') and tonumber(text)
  if number and number >= -LARGEST and number <= LARGEST then return number end
end

-- What is stored, read once and then counted on in memory: pieces left, sums, types of keys.
local left, stocks, sums, types = {}, {}, {}, {}

local function is(key, wanted)
  if not types[key] then types[key] = redis.call('TYPE', key).ok end
  return types[key] == wanted or types[key] == 'none'
end

local function number_of(memory, key, field)
  if memory[field] == nil then
    local text = redis.call('HGET', key, field)
    if text then memory[field] = whole(text) or 'damaged' else memory[field] = false end
  end
  return memory[field]
end

local function room_damage()
  for _, key in ipairs(ROOM) do
    if not is(key[1], key[2]) then return 'damaged ' .. key[1] end
  end
  if not whole(redis.call('GET', SEQ) or '0') then return 'damaged ' .. SEQ end
end

local function row_refusal(key, version)
  local header = redis.pcall('GETRANGE', key, 0, 80) -- never the whole row
  if type(header) == 'table' then return 'damaged ' .. key end
  local stored = header == '' and '0' or string.match(header, '^(%d+) ')
  if not stored then return 'damaged ' .. key end
  if tonumber(stored) ~= version then return 'conflict' end
end

-- The pieces left of a stock, which may be another than the one that they were counted from last.
local function pieces_of(name, stock)
  local pieces = number_of(left, STOCK, name)
  if not pieces or pieces == 'damaged' then return pieces or stock end
  local of = number_of(stocks, STOCK, name .. OF) or stock
  if of == 'damaged' then return of end
  return pieces + stock - of
end

local function claims_refusal(claims, taken)
  for _, claim in ipairs(claims) do
    local name, take, stock = claim[1], claim[2], claim[3]
    local pieces = taken[name] or pieces_of(name, stock)
    if pieces == 'damaged' then return 'damaged ' .. STOCK end
    if pieces < take then return 'claim ' .. name end
    taken[name] = pieces - take
  end
end

local function counters_refusal(counters, added)
  for _, counter in ipairs(counters) do
    local name, add = counter[1], counter[2]
    local sum = added[name] or number_of(sums, COUNTERS, name) or 0
    if sum == 'damaged' then return 'damaged ' .. COUNTERS end
    sum = sum + add
    if sum > LARGEST or sum < -LARGEST then return 'large' end
    added[name] = sum
  end
end

local function keys_refusal(parts, wanted)
  for _, part in ipairs(parts) do
    if not is(KEYS[part[1]], wanted) then return 'damaged ' .. KEYS[part[1]] end
  end
end

-- Checking -----------------------------------------------------------------------------------------------------------

local answers, passed = {}, {}
local damage = room_damage()
local seq = damage and 0 or tonumber(redis.call('GET', SEQ) or '0')
local first = seq

for place, change in ipairs(changes) do
  local taken, added = {}, {}
  local refusal = damage
    or row_refusal(KEYS[change[1]], change[2])
    or keys_refusal(change[6], 'stream')
    or keys_refusal(change[8], 'zset')
    or claims_refusal(change[5], taken)
    or counters_refusal(change[7], added)
  if refusal then
    answers[place] = refusal
  else
    for name, pieces in pairs(taken) do left[name] = pieces end
    for _, claim in ipairs(change[5]) do stocks[claim[1] .. OF] = claim[3] end
    for name, sum in pairs(added) do sums[name] = sum end
    seq = seq + 1
    local answer = { seq }
    for at, counter in ipairs(change[7]) do answer[at + 1] = added[counter[1]] end
    answers[place] = answer
    passed[#passed + 1] = change
  end
end

-- Writing ------------------------------------------------------------------------------------------------------------

local function digits(number) return string.format('%.0f', number) end

local function rank(key, member, score)
  if score then redis.call('ZADD', key, score, member) else redis.call('ZREM', key, member) end
end

local function append(key, entry)
  if entry then redis.call('XADD', key, '*', 'd', ARGV[entry]) else redis.call('DEL', key) end
end

local trimmed = false

local function send(record) -- the first record of a batch makes room for all of it
  if trimmed then return redis.call('XADD', OUTBOX, '*', 'd', record) end
  local now = redis.call('TIME')
  local oldest = math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - kept)
  redis.call('XADD', OUTBOX, 'MINID', '~', digits(oldest), '*', 'd', record)
  trimmed = true
end

local claimed, counted = {}, {}
for _, change in ipairs(passed) do
  redis.call('SET', KEYS[change[1]], ARGV[change[3]])
  for _, claim in ipairs(change[5]) do claimed[claim[1]] = true end
  for _, entry in ipairs(change[6]) do append(KEYS[entry[1]], entry[2]) end
  for _, counter in ipairs(change[7]) do counted[counter[1]] = true end
  for _, score in ipairs(change[8]) do rank(KEYS[score[1]], change[4], score[2]) end
  for _, due in ipairs(change[9]) do rank(DUE, change[4] .. ' ' .. due[1], due[2]) end
  if change[10] then send(ARGV[change[10]]) end
end
for name in pairs(claimed) do
  redis.call('HSET', STOCK, name, digits(left[name]), name .. OF, digits(stocks[name .. OF]))
end
for name in pairs(counted) do redis.call('HSET', COUNTERS, name, digits(sums[name])) end
if seq > first then redis.call('SET', SEQ, digits(seq)) end
return answers
