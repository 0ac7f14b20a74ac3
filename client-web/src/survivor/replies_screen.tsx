// What came back for a letter: the return phrase is typed, and what the centre keeps under it is shown, or burnt.
import { useState } from 'preact/hooks';
import { Ask } from '../parts/ask';
import { count, fill, htmlLanguage } from '../parts/locale';
import { Field } from './letter_screens';
import { Connection, locales, Message, sayTime, type LetterProps } from './pieces';
import { allHere } from './replies';

export function RepliesScreen(props: LetterProps) {
  const { state, language, actions, letterTexts } = props;
  const { step, fault } = state.replies;
  const texts = letterTexts[language].replies;
  return (
    <Message key={step} title={texts.titles[step]}>
      {fault !== undefined && <p class="fault" role="alert">{texts.faults[fault]}</p>}
      <Connection {...props} />
      {step === 'typing' && (
        <>
          <p>{texts.what}</p>
          <Field label={texts.phrase} button={texts.look} rows={3} onDone={actions.replies.read} />
        </>
      )}
      {(step === 'reading' || step === 'fetching' || step === 'burning') && <p role="status">{texts.takes_seconds}</p>}
      {step === 'shown' && <Found {...props} />}
      {step === 'burnt' && <p>{texts.burnt_what}</p>}
      <button type="button" class="quiet-button" onClick={actions.replies.leave}>{locales[language].letters.leave}</button>
    </Message>
  );
}

function Found(props: LetterProps) {
  const { state, language, actions, letterTexts } = props;
  const { told, arrived } = state.replies;
  const texts = letterTexts[language].replies;
  const { survivor } = locales[language];
  const [asking, setAsking] = useState(false);
  if (told === undefined) return null;
  return (
    <>
      {told.waiting > 0 && <p>{count(texts.waiting, told.waiting, language)}</p>}
      {told.read > 0 && <p>{count(texts.read, told.read, language)}</p>}
      {told.unread > 0 && <p>{count(texts.unread, told.unread, language)}</p>}
      {arrived.map((reply, at) => (
        reply.kind === 'reply_refused' ? <p class="fault" key={at}>{texts.refused}</p> : (
          <article key={at}>
            <h2>{fill(texts.from, { alias: reply.alias })}</h2>
            <p class="bubble" lang={htmlLanguage(reply.written_in)}>{reply.text}</p>
          </article>
        )
      ))}
      {!allHere(state.replies) && <p role="status">{texts.takes_seconds}</p>}
      <p class="quiet">{sayTime(props, texts.until, told.kept_until)}</p>
      {asking ? (
        <Ask
          title={texts.burn} question={texts.burn_ask} no={survivor.end_no} yes={texts.burn_yes}
          onNo={() => setAsking(false)} onYes={actions.replies.burn}
        />
      ) : (
        <button type="button" class="secondary" onClick={() => setAsking(true)}>{texts.burn}</button>
      )}
    </>
  );
}
