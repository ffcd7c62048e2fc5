import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { ask } from '../api/client.ts';
import { useMarket, useSchedule, useUniverse, useUniverses } from '../api/queries.ts';
import { useUniverseHistory } from '../api/universe-queries.ts';
import { AskFirst } from '../parts/ask-first.tsx';
import { Choices } from '../parts/choices.tsx';
import { Failure } from '../parts/failure.tsx';
import { toggled } from '../parts/toggled.ts';
import { useSettled } from '../parts/use-settled.ts';
import { words } from '../parts/words.ts';
import { ChangeMembers, ReplaceMembers } from './change-members.tsx';
import { MemberTable, type ShownMember, withDates } from './member-table.tsx';

const SETTLES_MS = 300;
const WHO = [
  ['members', 'members'],
  ['ever', 'everybody ever'],
] as const;

/** A universe: who its members are or were, since when and until when; one of one's own can be changed here. */
export function UniverseView({ name }: { readonly name: string }) {
  const [who, setWho] = useState<'members' | 'ever'>('members');
  const [date, setDate] = useState('');
  const [removed, setRemoved] = useState<ReadonlySet<string>>(new Set());
  const { data, error } = useUniverse(name, useSettled(date, SETTLES_MS));
  const history = useUniverseHistory(name);
  const today = useMarket().data?.date ?? '';
  const about = useUniverses().data?.universes.find((one) => one.name === name);
  const stays = history.data?.stays ?? [];
  const isOwn = about?.kind === 'database';
  const isEver = who === 'ever' && stays.length > 0;
  const rows = isEver ? stays : withDates(data?.members ?? [], stays, date || today);
  return (
    <>
      <h1>{name}</h1>
      <Failure error={error ?? history.error} />
      {about !== undefined && (
        <p className="quiet">
          {isOwn ? 'Your own' : 'Predefined, comes with the program'}, as of {about.as_of}, from{' '}
          {about.source}. <Dates known={history.data?.known} />
        </p>
      )}
      {stays.length > 0 && <Choices label="Who" of={WHO} chosen={who} choose={(one) => setWho(one)} />}
      <Members
        rows={rows}
        total={isEver ? rows.length : data?.total_symbols}
        isEver={isEver}
        date={date}
        setDate={setDate}
        removed={removed}
        toggle={
          isOwn && !isEver && date === '' ? (symbol) => setRemoved(toggled(removed, symbol)) : undefined
        }
      />
      {isOwn ? (
        <div className="beside">
          <ChangeMembers name={name} removed={removed} clear={() => setRemoved(new Set())} />
          <ReplaceMembers name={name} />
        </div>
      ) : (
        about !== undefined && (
          <p className="quiet">
            Nobody can change or delete what comes with the program.{' '}
            <Link href={`/universes?expression=${encodeURIComponent(name)}`}>
              Combine it with others into your own
            </Link>
            .
          </p>
        )
      )}
      <div className="actions">
        <Link href="/universes">All universes</Link>
        <Link href={`/universes?a=${encodeURIComponent(name)}`}>Compare it with another</Link>
        {isOwn && <Delete name={name} members={about.members} />}
      </div>
    </>
  );
}

function Dates({
  known,
}: {
  readonly known: { from: string | null; through: string | null } | null | undefined;
}) {
  if (known === undefined) return null;
  if (known === null)
    return (
      <>
        Only the members of today are known; who was one when can be loaded with{' '}
        <code>tickstock universe history</code>.
      </>
    );
  const { from, through } = known;
  if (from === null && through === null) return null;
  return (
    <>
      Members are known from {from ?? 'ever'} to {through ?? 'today'}.
    </>
  );
}

function Members(props: {
  readonly rows: readonly ShownMember[];
  readonly total: number | undefined;
  readonly isEver: boolean;
  readonly date: string;
  readonly removed: ReadonlySet<string>;
  readonly toggle: ((symbol: string) => void) | undefined;
  setDate(date: string): void;
}) {
  const { rows, total, isEver, date, removed, toggle, setDate } = props;
  const [find, setFind] = useState('');
  const wanted = find.trim().toLowerCase();
  const found = rows.filter((one) =>
    `${one.symbol} ${one.name ?? ''} ${one.sector ?? ''}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <div className="filters">
        <label>
          Find
          <input type="search" value={find} onChange={({ target }) => setFind(target.value)} />
        </label>
        {!isEver && (
          <label>
            On the day (today when empty)
            <input type="date" value={date} onChange={({ target }) => setDate(target.value)} />
          </label>
        )}
        {total !== undefined && (
          <output>
            {words.whole(found.length)} of {words.count(total, isEver ? 'membership' : 'member')}
          </output>
        )}
      </div>
      {total !== undefined && <MemberTable members={found} removed={removed} toggle={toggle} />}
    </>
  );
}

function Delete({ name, members }: { readonly name: string; readonly members: number }) {
  const [, go] = useLocation();
  const client = useQueryClient();
  const schedule = useSchedule().data;
  const remove = useMutation({
    mutationFn: () => ask(`/api/universes/${encodeURIComponent(name)}`, { method: 'DELETE' }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['universes'] });
      go('/universes');
    },
  });
  const isScheduled = schedule?.universes.some((part) => part.split(/[\s,]+|list:/).includes(name)) === true;
  return (
    <>
      <AskFirst name="Delete" question={`Delete ${name}?`} act={() => remove.mutate()}>
        <p>Its {words.count(members, 'member')} and who was one when are gone for good. Bars stay.</p>
        {isScheduled && (
          <p className="why">The nightly import names it and will be skipped: change the schedule first.</p>
        )}
      </AskFirst>
      <Failure error={remove.error} />
    </>
  );
}
