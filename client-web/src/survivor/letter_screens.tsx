// Writing a sealed letter, one step on each screen: what is to be known before, the return phrase for whoever wants a
// reply, the text, a look at it, and what becomes of it.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { letter_text_bytes_max } from 'bridge';
import { Ask } from '../parts/ask';
import { fill } from '../parts/locale';
import type { Fault, Letter } from './letter';
import { centreNow, Connection, locales, Message, sayTime, Telephones, type LetterProps } from './pieces';

export function LetterScreen(props: LetterProps) {
  const { letter } = props.state;
  const texts = props.letterTexts[props.language].letter;
  const title = letter.step === 'check' && letter.shown?.digits ? texts.titles.check_digits : texts.titles[letter.step];
  return (
    <Message key={letter.step} title={title}>
      {letter.fault !== undefined && <p class="fault" role="alert">{faultText(props, letter.fault)}</p>}
      <Connection {...props} />
      <Step {...props} />
    </Message>
  );
}

function Step(props: LetterProps) {
  const { state, language, actions, letterTexts } = props;
  const { letter } = state;
  const texts = letterTexts[language].letter;
  switch (letter.step) {
    case 'before':
      return <Before {...props} />;
    case 'choose':
      return (
        <>
          <p>{texts.phrase_what}</p>
          <p>{fill(texts.phrase_days, { days: letter.told?.kept_days ?? 0 })}</p>
          <Choice text={texts.digits} what={texts.digits_what} onClick={() => actions.letter.makePhrase(true)} />
          <Choice text={texts.words} what={texts.words_what} onClick={() => actions.letter.makePhrase(false)} />
          <button type="button" class="quiet-button" onClick={() => actions.letter.go('before')}>{texts.back}</button>
        </>
      );
    case 'making':
    case 'checking':
      return (
        <>
          <p role="status">{texts.takes_seconds}</p>
          <button type="button" class="quiet-button" onClick={() => actions.letter.dropPhrase('choose')}>{texts.back}</button>
        </>
      );
    case 'copy':
      return <Copy {...props} />;
    case 'check':
      return <Check {...props} />;
    case 'write':
      return <Write {...props} />;
    case 'review':
      return (
        <>
          <p>{whenRead(props, letter)}</p>
          <p>{letter.answerable ? texts.with_phrase : texts.without_phrase}</p>
          <p class="bubble own">{letter.text}</p>
          <button type="button" class="primary" onClick={actions.letter.send}>{texts.send}</button>
          <button type="button" class="secondary" onClick={() => actions.letter.go('write')}>{texts.change}</button>
          {letter.fault !== undefined && <Telephones {...props} />}
        </>
      );
    case 'sending':
      return (
        <>
          <p role="status">{state.network === 'connected' ? texts.sealing : texts.sending_later}</p>
          <Telephones {...props} />
        </>
      );
    case 'sent':
      return <Sent {...props} />;
  }
}

// --- before a word is written ---

function Before(props: LetterProps) {
  const { state, language, actions, letterTexts } = props;
  const { letter } = state;
  const texts = letterTexts[language].letter;
  const { front, letters } = locales[language];
  const [asking, setAsking] = useState(false);
  const leave = () => (letter.text === '' ? actions.letter.leave() : setAsking(true));
  const back = <button type="button" class="quiet-button" onClick={leave}>{letters.leave}</button>;
  if (asking) {
    return (
      <Ask
        title={letters.leave} question={texts.discard_ask} no={texts.discard_no} yes={texts.discard_yes}
        onNo={() => setAsking(false)} onYes={actions.letter.leave}
      />
    );
  }
  if (letter.told === undefined) return <><p role="status">{texts.asking}</p>{back}</>;
  const go = () => actions.letter.dropPhrase('write');
  const goOn = <button type="button" class="primary" onClick={() => actions.letter.go('write')}>{texts.go_on}</button>;
  if (!letter.told.possible) {
    return (
      <>
        <p class="danger" role="status">{texts.impossible}</p>
        {letter.text !== '' && goOn}
        {back}
        <Telephones {...props} />
      </>
    );
  }
  return (
    <>
      <ul class="facts">
        <li>{whenRead(props, letter)}</li>
        <li>{texts.read_by}</li>
        <li>{texts.no_phrase_no_reply}</li>
        <li>{texts.nothing_kept}</li>
      </ul>
      <p class="danger">{front.danger}</p>
      {letter.answerable && goOn}
      <Choice text={texts.write_only} what={texts.write_only_what} onClick={go} />
      <Choice text={texts.want_reply} what={texts.want_reply_what} onClick={() => actions.letter.go('choose')} />
      {back}
    </>
  );
}

// In the centre's hours, where the line is full, it is read by whoever is free first.
function whenRead(props: LetterProps, { told }: Letter): string {
  const texts = props.letterTexts[props.language].letter;
  if (told === undefined) return '';
  return told.read_from <= centreNow(props.state.clock_shift_hours) ? texts.read_now : sayTime(props, texts.read_from, told.read_from);
}

function Choice({ text, what, onClick }: { text: string; what: string; onClick: () => void }) {
  return (
    <button type="button" class="choice" onClick={onClick}>
      <strong>{text}</strong>
      <span>{what}</span>
    </button>
  );
}

// --- the return phrase ---

function Copy({ state, language, actions, letterTexts }: LetterProps) {
  const { shown } = state.letter;
  const texts = letterTexts[language].letter;
  if (shown === undefined) return null;
  return (
    <>
      <p class={`phrase ${shown.digits ? 'digits' : ''}`} translate={false}>
        {shown.phrase.split(' ').map((part) => <span key={part}>{part} </span>)}
      </p>
      <p>{texts.copy_how}</p>
      <p>{texts.copy_once}</p>
      <button type="button" class="primary" onClick={() => actions.letter.go('check')}>{texts.copied}</button>
      <button type="button" class="secondary" onClick={() => actions.letter.dropPhrase('choose')}>{texts.another}</button>
      <button type="button" class="quiet-button" onClick={() => actions.letter.dropPhrase('before')}>{texts.no_reply}</button>
    </>
  );
}

function Check({ state, language, actions, letterTexts }: LetterProps) {
  const texts = letterTexts[language].letter;
  const digits = state.letter.shown?.digits ?? false;
  return (
    <>
      <Field
        label={digits ? texts.last_digits : texts.last_word} button={texts.check} digits={digits}
        onDone={actions.letter.checkPhrase}
      />
      <button type="button" class="secondary" onClick={() => actions.letter.go('copy')}>{texts.look_again}</button>
    </>
  );
}

// A phrase, or a part of one: seen while it is typed, because nobody types such things blind; remembered by nothing.
export function Field({ label, button, digits = false, rows, onDone }: {
  label: string; button: string; digits?: boolean; rows?: number; onDone: (typed: string) => void;
}) {
  const at = useRef<HTMLTextAreaElement>(null);
  const done = () => {
    const typed = at.current?.value.trim() ?? '';
    if (typed === '') return at.current?.focus();
    onDone(typed);
  };
  return (
    <form class="field" onSubmit={(event) => { event.preventDefault(); done(); }}>
      <label for="typed">{label}</label>
      <textarea
        id="typed" ref={at} rows={rows ?? 1} inputMode={digits ? 'numeric' : 'text'} autocomplete="off" autocorrect="off"
        autocapitalize="none" spellcheck={false} data-gramm="false" translate={false}
      />
      <button type="submit" class="primary">{button}</button>
    </form>
  );
}

// --- the text ---

const near = 0.9; // of what a letter holds: from then on it is told how much is left

function Write({ state, language, actions, letterTexts }: LetterProps) {
  const { letter } = state;
  const texts = letterTexts[language].letter;
  const [left, setLeft] = useState(bytesLeft(letter.text));
  const [missing, setMissing] = useState(false);
  const at = useRef<HTMLTextAreaElement>(null);
  // What was written before a step back. As a value it stands nowhere in the document's text.
  useLayoutEffect(() => {
    if (at.current !== null) at.current.value = letter.text;
  }, []);
  const onInput = () => {
    const text = at.current?.value ?? '';
    actions.letter.keep(text);
    setLeft(bytesLeft(text));
    setMissing(false);
  };
  const done = () => {
    if ((at.current?.value ?? '').trim() !== '' && left >= 0) return actions.letter.go('review');
    setMissing(left >= 0);
    at.current?.focus();
  };
  const bytes_each = language === 'ja' ? 3 : 1; // of most letters
  return (
    <form class="field" onSubmit={(event) => { event.preventDefault(); done(); }}>
      <label for="letter">{texts.label}</label>
      <textarea
        id="letter" ref={at} rows={9} onInput={onInput} autocomplete="off" autocorrect="off" autocapitalize="sentences"
        spellcheck={false} data-gramm="false"
      />
      {left < 0 && <p class="fault" role="alert">{texts.too_long_now}</p>}
      {left >= 0 && left < letter_text_bytes_max * (1 - near) && (
        <p class="quiet" role="status">{fill(texts.left, { count: Math.floor(left / bytes_each) })}</p>
      )}
      {missing && <p class="fault" role="alert">{texts.empty}</p>}
      <p class="quiet">{texts.write_what}</p>
      <button type="submit" class="primary">{texts.review}</button>
      <button type="button" class="quiet-button" onClick={() => actions.letter.go('before')}>{texts.back}</button>
    </form>
  );
}

function bytesLeft(text: string): number {
  return letter_text_bytes_max - new TextEncoder().encode(text).length;
}

// --- what became of it ---

function Sent(props: LetterProps) {
  const { state, language, actions, letterTexts } = props;
  const { letter } = state;
  const texts = letterTexts[language].letter;
  const { survivor } = locales[language];
  const next: ComponentChildren = letter.kept_until === 0
    ? <li>{texts.sent_without_phrase}</li>
    : <><li>{texts.sent_with_phrase}</li><li>{sayTime(props, texts.sent_until, letter.kept_until)}</li></>;
  return (
    <>
      <ul class="facts">
        <li>{whenRead(props, letter)}</li>
        {next}
        <li>{texts.sent_gone}</li>
      </ul>
      <button type="button" class="primary" onClick={actions.letter.leave}>{survivor.again}</button>
    </>
  );
}

function faultText({ language, letterTexts }: LetterProps, fault: Fault): string {
  const texts = letterTexts[language].letter;
  return fault === 'impossible' ? texts.impossible : texts.faults[fault];
}
