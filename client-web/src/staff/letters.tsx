// Letters: how many wait, the one that is being read and its reply, and what this member keeps their keys in.
import { reply_text_bytes_max } from 'bridge';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Ask } from '../parts/ask';
import { count, fill, htmlLanguage } from '../parts/locale';
import { centreTime, day } from '../parts/times';
import { days_ahead } from './inbox';
import { leftOver, type Letter, type Reading } from './reading';
import { locales, type Props } from './screen';
import { letters } from './state';
import { bytesOf, Writing } from './writing';

const day_ms = 24 * 3600 * 1000;

// Beside the desk.
export function LettersWaiting(props: Props) {
  const { state, language } = props;
  const { staff: texts } = locales[language];
  const { mine, waiting, oldest, letter, drafts } = state.reading;
  if (!mine) return null;
  return (
    <section class="letters-waiting">
      <h2>{texts.letters}</h2>
      <p>
        {waiting === 0 ? texts.letters_none : count(texts.letters_waiting, waiting, language)}
        {waiting > 0 && fill(texts.letters_oldest, { time: whenOf(oldest, props) })}
      </p>
      {letter === undefined && drafts.size === 0 && <Outcome {...props} />}
      {letter === undefined && <TakeOldest {...props} />}
      <Keys {...props} />
    </section>
  );
}

function TakeOldest({ state, language, actions }: Props) {
  const { staff: texts } = locales[language];
  const { waiting, asked } = state.reading;
  if (waiting === 0) return null;
  return (
    <button type="button" class="secondary" disabled={asked || state.network !== 'connected'} onClick={actions.takeLetter}>
      {asked ? texts.letter_fetching : texts.letter_take}
    </button>
  );
}

function Outcome({ state, language }: Props) {
  const { staff: texts } = locales[language];
  const { outcome } = state.reading;
  return outcome === undefined ? null : <p class="notice" role="status">{texts[`letter_${outcome}`]}</p>;
}

// On the centre's clock, in its time zone.
function whenOf(seconds: number, { state, language, now }: Props): string {
  const zone = state.centre?.time_zone ?? 'UTC';
  return centreTime(seconds, now / 1000 + state.clock_shift_hours * 3600, zone, language, locales[language].staff.today);
}

// --- the keys ---

function Keys({ state, language, actions }: Props) {
  const { staff: texts } = locales[language];
  const { saved, keys_note } = state.reading;
  const until = saved + (days_ahead - 1) * day_ms;
  const [open, setOpen] = useState(false);
  return (
    <>
      {keys_note !== undefined && <p class="notice" role="status">{texts[`keys_${keys_note}`]}</p>}
      <details open={open || keys_note !== undefined} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>{texts.keys}</summary>
        <p>
          {saved === 0
            ? texts.keys_what
            : fill(texts.keys_what_saved, { saved: day(saved / 1000, language), until: day(until / 1000, language) })}
        </p>
        <button type="button" class="secondary" onClick={actions.saveKeys}>{texts.keys_save}</button>
      </details>
    </>
  );
}

// --- the letter ---

export function hasLetters({ letter, drafts }: Reading): boolean {
  return letter !== undefined || drafts.size > 0;
}

// Beside the conversations.
export function LettersView(props: Props) {
  const { state, language } = props;
  const { staff: texts } = locales[language];
  const { letter } = state.reading;
  return (
    <section class={`seat letters ${state.selected === letters ? 'selected' : ''}`} aria-label={texts.letter}>
      {letter === undefined ? (
        <div class="letter">
          <Outcome {...props} />
          <TakeOldest {...props} />
        </div>
      ) : <LetterView key={letter.letter} {...props} letter={letter} />}
      <RepliesLeft {...props} />
    </section>
  );
}

// What was written for letters that are not here any more: to be copied, or to go on with once the letter is here again.
export function RepliesLeft({ state, language, actions }: Props) {
  const { staff: texts } = locales[language];
  return (
    <>
      {leftOver(state.reading).map(([of, text]) => (
        <div class="letter left-over" key={of}>
          <h2>{texts.reply_left}</h2>
          <p class="letter-text" tabIndex={0}>{text}</p>
          <button type="button" class="secondary" onClick={() => actions.forgetReply(of)}>{texts.reply_forget}</button>
        </div>
      ))}
    </>
  );
}

function LetterView(props: Props & { letter: Letter }) {
  const { letter, state, language, actions } = props;
  const { staff: texts } = locales[language];
  const [step, setStep] = useState<'write' | 'review' | 'read' | 'put_back'>('write');
  const [reply, setReply] = useState(state.reading.drafts.get(letter.letter) ?? '');
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  const back = () => setStep('write');
  const sendable = reply.trim() !== '' && bytesOf(reply.trim()) <= reply_text_bytes_max;
  return (
    <div class="letter">
      <h2 tabIndex={-1} ref={head}>{texts.letter}</h2>
      <p class="quiet">{fill(texts.letter_written, { time: whenOf(letter.written, props) })}</p>
      <p class="letter-text" lang={htmlLanguage(letter.written_in)} tabIndex={0}>{letter.text}</p>
      {letter.sent !== undefined ? <p class="quiet" role="status">{texts[`letter_sending_${letter.sent}`]}</p> : (
        <>
          {!letter.answerable && <p class="notice">{texts.letter_no_answer}</p>}
          {letter.answerable && step !== 'review' && (
            <Writing
              label={texts.reply} begun={reply} bytes_max={reply_text_bytes_max} rows={8} language={language}
              onText={(text) => { setReply(text); actions.writeReply(letter.letter, text); }}
            />
          )}
          {step === 'review' && (
            <>
              <h3>{texts.reply_review}</h3>
              <p class="letter-text ours" lang={language} tabIndex={0}>{reply.trim()}</p>
              <Ask
                title={texts.reply_send} question={texts.reply_ask} no={texts.reply_back} yes={texts.reply_send} onNo={back}
                onYes={() => actions.answerLetter(letter.letter, reply.trim(), language)}
              />
            </>
          )}
          {step === 'read' && (
            <Ask
              title={texts.letter_done} question={texts.letter_done_ask} no={texts.back} yes={texts.letter_done} onNo={back}
              onYes={() => actions.putLetter(letter.letter, true)}
            />
          )}
          {step === 'put_back' && (
            <Ask
              title={texts.letter_put} question={texts.letter_put_ask} no={texts.back} yes={texts.letter_put} onNo={back}
              onYes={() => actions.putLetter(letter.letter, false)}
            />
          )}
          {step === 'write' && (
            <div class="choices">
              {letter.answerable && (
                <button type="button" class="primary" disabled={!sendable} onClick={() => setStep('review')}>{texts.reply_review}</button>
              )}
              <button type="button" class="secondary" onClick={() => setStep('read')}>
                {letter.answerable ? texts.letter_done_no_answer : texts.letter_done}
              </button>
              <button type="button" class="secondary" onClick={() => setStep('put_back')}>{texts.letter_put}</button>
            </div>
          )}
        </>
      )}
    </div>
  );
}
