// What was said, and the field to say more: the same on both sides.
import { text_bytes_max, type Language } from 'bridge';
import type { TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type * as ja from '../../locales/ja.json';
import { fill, htmlLanguage, type Chosen } from './locale';
import type { Entry, NoteKind, Talk, Text } from './talk';
import { clockTime } from './times';

export type TalkTexts = typeof ja.talk;

type LogProps = {
  talk: Talk;
  texts: TalkTexts;
  notes: Partial<Record<NoteKind, string>>;
  language: Chosen;
  peer: string; // how the other side is called
  beginning: string; // said before anybody has said anything
  online: boolean;
  askForPast: () => void;
};

// Near enough to the end that a new text should scroll into view by itself.
const near_px = 80;

export function Log({ talk, texts, notes, language, peer, beginning, online, askForPast }: LogProps) {
  const box = useRef<HTMLDivElement>(null);
  const [behind, setBehind] = useState(false);
  const following = useRef(true);
  const last = talk.entries.at(-1);
  const own = last?.kind === 'text' && last.ours;

  const scrollToEnd = () => {
    const at = box.current;
    if (at !== null) at.scrollTop = at.scrollHeight;
    following.current = true;
    setBehind(false);
  };
  useLayoutEffect(() => {
    if (following.current || own) scrollToEnd();
    else setBehind(true);
  }, [last?.key]);
  // The keyboard takes half of a phone's screen: the last text stays in view.
  useLayoutEffect(() => {
    const stay = new ResizeObserver(() => {
      if (following.current) scrollToEnd();
    });
    if (box.current !== null) stay.observe(box.current);
    return () => stay.disconnect();
  }, []);

  const onScroll = () => {
    const at = box.current;
    if (at === null) return;
    following.current = at.scrollHeight - at.scrollTop - at.clientHeight < near_px;
    if (following.current) setBehind(false);
  };

  return (
    <div class="log-frame">
      <div class="log" ref={box} onScroll={onScroll} tabIndex={0} role="log" aria-label={texts.conversation}>
        {talk.past === 'offered' && talk.over === undefined && (
          <button type="button" class="quiet-button earlier" onClick={askForPast}>{texts.earlier}</button>
        )}
        {talk.joined && talk.past === 'none' && talk.entries.length === 0 && <p class="note">{beginning}</p>}
        {talk.past === 'asked' && <p class="note">{texts.earlier_loading}</p>}
        {talk.past === 'here' && !isPast(talk.entries[0]) && <p class="note">{texts.earlier_none}</p>}
        {talk.entries.map((entry, at) => (
          <Line
            key={entry.key} entry={entry} named={talk.company !== ''} texts={texts} notes={notes} language={language} peer={peer} online={online}
            endsPast={talk.past === 'here' && isPast(entry) && !isPast(talk.entries[at + 1])}
          />
        ))}
      </div>
      {behind && <button type="button" class="new-below" onClick={scrollToEnd}>{texts.new_below}</button>}
    </div>
  );
}

function isPast(entry: Entry | undefined): boolean {
  return entry?.kind === 'text' && entry.now === 'recalled';
}

type LineProps = Omit<LogProps, 'talk' | 'askForPast' | 'beginning'> & {
  entry: Entry;
  named: boolean; // more than one could have said it
  endsPast: boolean;
};

function Line({ entry, named, texts, notes, language, peer, online, endsPast }: LineProps) {
  if (entry.kind === 'note') return <p class="note">{fill(notes[entry.what] ?? '', { alias: entry.who })}</p>;
  return (
    <>
      <div class={`said ${entry.ours ? 'ours' : 'theirs'}`}>
        <span class={!entry.ours && (named || entry.by !== '') ? 'by' : 'unseen'}>{`${entry.ours ? texts.you : entry.by || peer}: `}</span>
        <p class="bubble" lang={htmlLanguage(entry.written_in)} data-key={entry.key}>{entry.text}</p>
        <span class={`meta ${failed(entry) ? 'failed' : ''}`}>
          {entry.at !== undefined && <time>{clockTime(entry.at, language)}</time>}
          {entry.ours && <span class="progress" data-now={entry.now}>{progress(entry, texts, online)}</span>}
        </span>
      </div>
      {endsPast && <p class="note">{texts.earlier_end}</p>}
    </>
  );
}

function failed(text: Text): boolean {
  return ['dropped', 'too_long', 'too_many', 'over'].includes(text.now);
}

function progress(text: Text, texts: TalkTexts, online: boolean): string {
  switch (text.now) {
    case 'sending':
      return online ? texts.sending : texts.waiting_network;
    case 'stored':
      return texts.stored;
    case 'delivered':
      return texts.delivered;
    case 'dropped':
      return texts.dropped;
    case 'too_long':
      return texts.too_long;
    case 'too_many':
      return texts.too_many;
    case 'over':
      return texts.over;
    case 'arrived':
    case 'shown':
    case 'recalled':
      return '';
  }
}

// --- writing ---

type ComposerProps = {
  texts: TalkTexts;
  language: Chosen;
  say: (text: string, written_in: Language) => void;
};

const rows_max = 5;

// Enter sends where there is a keyboard; on a phone it makes a new line, and the button sends.
const enterSends = () => matchMedia('(pointer: fine)').matches;

export function Composer({ texts, language, say }: ComposerProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [tooLong, setTooLong] = useState(false);
  const [empty, setEmpty] = useState(true);

  const onInput = () => {
    const at = field.current;
    if (at === null) return;
    at.style.height = 'auto';
    const style = getComputedStyle(at);
    const height_max = parseFloat(style.lineHeight) * rows_max + parseFloat(style.paddingTop) * 2;
    at.style.height = `${Math.min(at.scrollHeight, height_max)}px`;
    setEmpty(at.value.trim() === '');
    setTooLong(new TextEncoder().encode(at.value).length > text_bytes_max);
  };
  const send = () => {
    const at = field.current;
    const text = at?.value.trim() ?? '';
    if (at === null || text === '') return;
    if (new TextEncoder().encode(text).length > text_bytes_max) return setTooLong(true);
    at.value = '';
    onInput();
    say(text, language);
    at.focus();
  };
  // While a word is being composed (Japanese, Chinese), Enter chooses it. Safari ends the composition before it says so,
  // and only the key code 229 tells.
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229 || !enterSends()) return;
    event.preventDefault();
    send();
  };

  return (
    <form class="composer" onSubmit={(event) => { event.preventDefault(); send(); }}>
      {tooLong && <p class="fault" role="alert">{texts.too_long_now}</p>}
      <textarea
        ref={field} rows={1} aria-label={texts.message} placeholder={texts.write} onInput={onInput} onKeyDown={onKeyDown}
        autocomplete="off" autocorrect="off" autocapitalize="sentences" spellcheck={false} enterkeyhint="enter"
        data-gramm="false"
      />
      <button type="submit" class="send" disabled={empty}>{texts.send}</button>
    </form>
  );
}

