/* One conversation from the first OFFER on: two clients and the server between them, in every order.  Lost connections,
   memory lost on either side, texts, close, exit and leave; from client-web/core/{survivor,counselor,conversation}.cpp and
   server/desk/talk.cpp.

   A client and the server act in one step: what a client says is handled at once or lost with its connection, and every
   order that messages under way could give is one of these.  What the server says waits in `down`, and is lost with
   the connection; mail stays in `box` until it is taken.  A session is the number of its HELLO; so is its resume
   secret (each step of the counselor has its own; here a session has one).  Faults and wishes are counted, so that a
   run must settle: SPIN tries all of them, at every point. */

/* run base: safety */
/* slow run never-in-circles RELOADS=1: settled */
/* slow run more-cuts CUTS=2 RELOADS=1: safety */
/* run mail-lost LOST=1 CUTS=0 RELOADS=1: safety */
/* run handshake-not-asked-again LOST=1 CUTS=0 RELOADS=1 NOT_ASKED_AGAIN: !safety */
/* run any-HELLO-answers-any-OFFER NO_BINDING: !safety */
/* slow run unknown-secret-asked-once ASKED_ONCE NOT_ASKED_AGAIN: !safety */
/* run token-registered-once REGISTERED_ONCE CUTS=2 RELOADS=1: !safety */
/* run old-persons-mail-kept KEEP_MAIL: !safety */
/* run unknown-secret-not-asked-again NO_ASK: !safety */

#ifndef CUTS
#define CUTS 1
#endif
#ifndef RELOADS
#define RELOADS 2
#endif
#ifndef LOST
#define LOST 0
#endif

mtype = { offer, hello, cover, text, delivered, closing, exited,          /* frames */
          resumed, peer_left, nonce_wanted, assigned, left, refused, mail };   /* the server's words */

#define NOBODY 15                /* a session that the other side does not have */
#define BIT(n) (1 << (n))
#define PLACE 0                  /* the place token's number; sessions begin with 1 */

/* frame: kind, session or number of the OFFER, nonce or psk or `answers` (its sender had heard the peer), th of a HELLO */
typedef side { bool att, open, told, over, held, heard, peer_gone, unknown; byte cur, ending; };
/* att: there is a connection; open: and the client knows where it stands.  ending: 0 none, 1 wanted, 2 said, 3 leaving */
side s, c;

chan box_s = [8] of { mtype, byte, byte, byte };
chan box_c = [8] of { mtype, byte, byte, byte };
chan un_s = [4] of { mtype, byte, byte, byte };       /* posted, and lost on the way to the server */
chan un_c = [4] of { mtype, byte, byte, byte };
chan down_s = [12] of { mtype, byte };
chan down_c = [12] of { mtype, byte };

byte cuts = CUTS, reloads = RELOADS, lost = LOST, wishes = 1, texts = 1;

/* --- the server's: durable but for who is connected --- */
bool d_gone, d_s_left, d_c_left, d_greeted = false, d_nonce_wanted, d_wanted;
byte d_challenge = 1;
short d_tokens = BIT(PLACE);

/* --- the survivor's --- */
byte s_nonce = 1, s_secret, s_before, s_unheard, nonces = 1, ths = 0, offers = 1;
bool s_inside = true, s_gone, s_place = true;

/* --- the counselor's --- */
byte c_offered = 1, c_offered_for = 1, c_fresh, c_proven, c_secrets[4], c_text, c_person = 1;
bool c_forgot;

#define TOGETHER (s.cur != 0 && s.cur == c.cur && s.heard && c.heard && s.open && c.open && !s.told && !c.told)
#define OVER (s.told && c.told)
#define GOOD (TOGETHER || OVER || s_gone)

/* One that was asked for and has not come is asked for again, by whoever comes back: perhaps nobody asked. */
#ifndef NOT_ASKED_AGAIN
#define HANDSHAKE_DUE(x) x.held
#else
#define HANDSHAKE_DUE(x) false
#endif

inline drain2(ch) { do :: nempty(ch) -> ch?_,_ :: empty(ch) -> break od }
inline drain4(ch) { do :: nempty(ch) -> ch?_,_,_,_ :: empty(ch) -> break od }

inline say_s(what, arg) { if :: s.att -> down_s!what,arg :: else fi }
inline say_c(what, arg) { if :: c.att -> down_c!what,arg :: else fi }

inline cut_s() { s.att = false; s.open = false; drain2(down_s) }
inline cut_c() { c.att = false; c.open = false; drain2(down_c) }
inline maybe_cut_s() { if :: s.att && cuts > 0 -> cuts--; cut_s() :: skip fi }
inline maybe_cut_c() { if :: c.att && cuts > 0 -> cuts--; cut_c() :: skip fi }

/* --- the server (talk.cpp) --- */

inline store_for_c(k_, a_, b_, t_) {
  if
  :: d_gone || d_c_left
  :: else ->
     if
     :: k_ == hello -> d_greeted = true; d_wanted = false
     :: else -> assert(d_greeted)
     fi;
     assert(nfull(box_c)); box_c!k_,a_,b_,t_; say_c(mail, 0)
  fi
}
inline store_for_s(k_, a_, b_, t_) {
  if
  :: d_gone || d_s_left
  :: else -> assert(k_ == offer || d_greeted); assert(nfull(box_s)); box_s!k_,a_,b_,t_; say_s(mail, 0)
  fi
}
inline post_s(k_, a_, b_, t_) { maybe_cut_s(); if :: s.att -> store_for_c(k_, a_, b_, t_) :: else -> un_s!k_,a_,b_,t_ fi }
inline post_c(k_, a_, b_, t_) { maybe_cut_c(); if :: c.att -> store_for_s(k_, a_, b_, t_) :: else -> un_c!k_,a_,b_,t_ fi }

inline take_nonce() {
  d_challenge = s_nonce; d_nonce_wanted = false;
  if :: !d_c_left -> d_wanted = true; say_c(assigned, s_nonce) :: else fi
}
inline erase_all() {
  d_gone = true; drain4(box_s); drain4(box_c); d_wanted = false; d_nonce_wanted = false
}
inline leave_s() {                /* what the survivor's client says */
  maybe_cut_s();
  if
  :: s.att ->
     if
     :: !d_gone && !d_s_left ->
        d_s_left = true; drain4(box_s); d_wanted = false; d_nonce_wanted = false; d_tokens = 0;
        if :: d_c_left -> erase_all() :: else -> say_c(peer_left, 0) fi
     :: else
     fi;
     drain2(down_s); say_s(left, 0)      /* what comes before it concerns nobody any more */
  :: else
  fi
}
inline leave_c() {
  maybe_cut_c();
  if
  :: c.att ->
     if
     :: !d_gone && !d_c_left ->
        d_c_left = true; drain4(box_c); d_wanted = false; d_nonce_wanted = false;
        if :: d_s_left -> erase_all() :: else -> say_s(peer_left, 0) fi
     :: else
     fi;
     drain2(down_c); say_c(left, 0)
  :: else
  fi
}
inline ask_again() {
  maybe_cut_c();
  if
  :: c.att && !d_gone && !d_s_left && !d_nonce_wanted -> d_nonce_wanted = true; say_s(nonce_wanted, 0)
  :: else
  fi
}
inline register_again(th_) {        /* what was said of it before may have been lost */
#ifndef REGISTERED_ONCE
  if :: th_ != 0 && !d_gone && !d_s_left -> d_tokens = d_tokens | BIT(th_) :: else fi
#else
  skip
#endif
}
inline again(ch, box) { i = 0; do :: i < len(box) -> ch!mail,0; i++ :: else -> break od }

/* --- what both clients do --- */

inline s_leave() { s.told = true; s.ending = 3; s.cur = 0; drain4(un_s); leave_s() }
inline c_leave() { c.told = true; c.ending = 3; c.cur = 0; c_fresh = 0; c_text = 0; drain4(un_c); leave_c() }
inline s_hold() { s.held = true; if :: s.ending == 1 || s.ending == 2 -> s_leave() :: else fi }
inline c_hold() { c.held = true; if :: c.ending == 1 || c.ending == 2 -> c_leave() :: else fi }

inline s_over() { s.told = true; s.over = true; s.cur = 0; cut_s(); drain4(un_s) }

inline s_peer_gone() {
  if
  :: !s.peer_gone && !s.over ->
     s.peer_gone = true; s.told = true;
     if :: s.cur == 0 || s.ending == 1 || s.ending == 2 -> if :: s.ending != 3 -> s_leave() :: else fi :: else fi
  :: else
  fi
}
inline c_peer_gone() {
  if
  :: !c.peer_gone ->
     c.peer_gone = true; c.told = true;
     if :: c.cur == 0 || c.ending == 1 || c.ending == 2 -> if :: c.ending != 3 -> c_leave() :: else fi :: else fi
  :: else
  fi
}

inline s_pump() {
  if :: s.ending == 1 && s.open && s.cur != 0 && !s.held -> s.ending = 2; post_s(closing, s.cur, s.heard, 0) :: else fi
}
inline c_pump() {
  if
  :: c_text != 0 && c.open && c.cur != 0 && !c.held ->
     assert(c_text / 16 == c_person);          /* never to somebody else than it was written for */
     if
     :: c_text % 16 != c.cur -> c_text = c_person * 16 + c.cur; post_c(text, c.cur, 0, 0)
     :: else
     fi
  :: else
  fi;
  if :: c.ending == 1 && c.open && c.cur != 0 && !c.held -> c.ending = 2; post_c(closing, c.cur, 0, 0) :: else fi
}

/* --- the survivor's client --- */

inline learn(th) {
  if
  :: s_secret != th ->
     s_before = s_secret; s_secret = th; maybe_cut_s();
     if :: s.att && !d_gone && !d_s_left -> d_tokens = d_tokens | BIT(th) :: else fi
  :: else
  fi
}
inline s_offer(number, nonce) {
  if
  :: s.ending != 0 || s.peer_gone
  :: s.ending == 0 && !s.peer_gone && nonce != s_nonce                  /* for an earlier nonce of ours */
  :: s.ending == 0 && !s.peer_gone && nonce == s_nonce ->
     ths++; assert(ths < NOBODY);
     t = ths;
     if
     :: s_unheard < 2 -> psk = s_secret
     :: s_unheard >= 2 && s_unheard < 4 -> psk = s_before
     :: else -> psk = 0
     fi;
     s_nonce = 0; s.cur = t; s.held = false; s.heard = false;
     post_s(hello, number, psk, ths);
     if :: s.ending == 0 -> post_s(cover, t, 0, 0) :: else fi
  fi
}
inline s_frame(k_, session) {
  if
  :: session == s.cur && s.cur != 0 ->
     s.heard = true; learn(session);
     if
     :: k_ == text -> if :: s.open && !s.held && s.ending < 2 -> post_s(delivered, s.cur, 1, 0) :: else fi
     :: k_ == closing ->
        s.told = true;
        if :: s.ending == 0 -> s.ending = 1 :: else fi;
        if :: s.ending == 2 -> s_leave() :: else fi;
        if :: s.ending == 1 -> s_pump(); if :: s.ending == 2 && s.att -> s_leave() :: else fi :: else fi
     :: else
     fi
  :: else                                 /* it does not open: of a session before, or memory was lost */
  fi
}
/* Newest token first, then the one before, then the place's. */
inline s_resume() {
  drain2(down_s);
  if
  :: d_gone || !(((s_secret != 0) && (d_tokens & BIT(s_secret))) || ((s_before != 0) && (d_tokens & BIT(s_before)))
                 || (s_place && (d_tokens & BIT(PLACE)))) -> s_over()      /* refused, each of them */
  :: else ->
     s.att = true;
     if
     :: !s_inside || HANDSHAKE_DUE(s) -> drain4(box_s); nonces++; s_nonce = nonces; take_nonce()
     :: else
     fi;
     down_s!resumed,d_c_left;
     if :: d_c_left -> down_s!peer_left,0 :: else -> if :: d_nonce_wanted -> down_s!nonce_wanted,0 :: else fi fi;
     again(down_s, box_s)
  fi
}
inline s_resumed() {
  s_inside = true; s.open = true;
  if :: s.ending != 3 -> register_again(s_secret) :: else fi;
  if
  :: s.ending == 3 -> leave_s()
  :: else ->
     do :: s.att && len(un_s) > 0 -> un_s?k,a,b,t; store_for_c(k, a, b, t) :: else -> break od;
     s_pump()
  fi
}
inline s_nonce_wanted() {
  if
  :: s.ending != 0
  :: else ->
     if :: s.cur != 0 -> if :: s.heard -> s_unheard = 0 :: else -> s_unheard++ fi :: else fi;
     s_hold();
     nonces++; s_nonce = nonces; maybe_cut_s();
     if
     :: s.att && !d_gone && !d_c_left -> assert(d_nonce_wanted); take_nonce()      /* else out_of_phase */
     :: else
     fi
  fi
}

proctype survivor() {
  mtype k; byte a, b, t, psk, i;
end:
  do
  :: atomic { s.att && nempty(down_s) ->
       down_s?k,a;
       if
       :: k == mail ->
          if
          :: len(box_s) > 0 ->
             box_s?k,a,b,t;
             if :: k == offer -> s_offer(a, b) :: else -> s_frame(k, a) fi
          :: else
          fi
       :: k == resumed -> s_resumed()
       :: k == peer_left -> s_peer_gone()
       :: k == nonce_wanted -> s_nonce_wanted()
       :: k == left -> s_over()
       fi;
       k = 0; a = 0; b = 0; t = 0; psk = 0; i = 0 }
  :: atomic { !s.att && !s.over && !s_gone -> s_resume(); i = 0 }
  :: atomic { s.att && cuts > 0 -> cuts--; cut_s() }
  /* The page is loaded again.  Who was told that it is over, or never talked, has no way back on this device. */
  :: atomic { reloads > 0 && !s.over && !s_gone ->
       reloads--; cut_s(); drain4(un_s);
       s.cur = 0; s.heard = false; s.held = false; s.peer_gone = false; s.ending = 0; s_unheard = 0; s_nonce = 0;
       s_inside = false; s_place = (s_secret == 0);
       if :: s.told -> s_gone = true :: else fi }
  :: atomic { wishes > 0 && !s.told && !s_gone ->
       wishes--;
       if
       :: s.told = true; s.ending = 1;
          if :: s.cur == 0 || s.held || s.peer_gone -> s_leave() :: else -> s_pump() fi
       :: if :: s.open && s.cur != 0 && !s.held -> post_s(exited, s.cur, s.heard, 0) :: else fi;
          if :: s.att -> s_leave(); s_gone = !s.att :: else -> s_gone = true; s_over() fi
       fi }
  /* The clock: patience is over, or no close can go out any more. */
  :: atomic { s.ending == 2 && empty(un_s) -> s_leave() }
  :: atomic { s.ending == 1 && (s.held || s.peer_gone) -> s_leave() }
  od
}

/* --- the counselor's console --- */

inline push_secret(th) {
  c_secrets[3] = c_secrets[2]; c_secrets[2] = c_secrets[1]; c_secrets[1] = c_secrets[0]; c_secrets[0] = th
}
inline forget_secrets() { c_secrets[0] = 0; c_secrets[1] = 0; c_secrets[2] = 0; c_secrets[3] = 0 }
#define KNOWN(p) (c_secrets[0] == p || c_secrets[1] == p || c_secrets[2] == p || c_secrets[3] == p)

inline make_offer(nonce) {
  offers++; c_offered = offers; c_offered_for = nonce; post_c(offer, offers, nonce, 0)
}
inline c_assigned(nonce) {
  if
  :: c_offered != 0 && c_offered_for == nonce
  :: else -> c_hold(); if :: c.ending == 0 -> make_offer(nonce) :: else fi
  fi
}
inline c_hello(number, psk_, th) {
  if
  :: c_offered == 0 || c.ending == 3
#ifndef NO_BINDING
  :: c_offered != 0 && c.ending != 3 && number != c_offered              /* the offer stands for the right one */
  :: c_offered != 0 && c.ending != 3 && number == c_offered ->
#else
  :: c_offered != 0 && c.ending != 3 ->
#endif
     t = th;
     if :: number != c_offered -> t = NOBODY :: else fi;       /* th of an OFFER that the survivor did not answer */
     c_offered = 0;
     if
     :: psk_ != 0 && !KNOWN(psk_) ->
#ifndef ASKED_ONCE
        c.unknown = true;                     /* asked again after the next login, should this be lost */
#endif
#ifndef NO_ASK
        ask_again()
#else
        skip
#endif
     :: else -> c.unknown = false; c_fresh = t; c_proven = psk_
     fi
  fi
}
/* The survivor's first frame in a new session. */
inline c_hears() {
  if
  :: c_proven != 0 -> do :: c_secrets[0] != c_proven && c_secrets[0] != 0 -> c_secrets[0] = c_secrets[1];
       c_secrets[1] = c_secrets[2]; c_secrets[2] = c_secrets[3]; c_secrets[3] = 0 :: else -> break od
  :: else
  fi;
  if
  :: (c.cur != 0 || c_forgot) && c_proven == 0 ->
     c_person++; forget_secrets();
#ifndef KEEP_MAIL
     c_text = 0
#else
     skip
#endif
  :: else
  fi;
  c.cur = c_fresh; c_fresh = 0; c_proven = 0; c.heard = true; c.held = false;
  if :: c.ending == 2 -> c.ending = 1 :: else fi;
  push_secret(c.cur); maybe_cut_c();
  if :: c.att && !d_gone && !d_s_left -> d_tokens = d_tokens | BIT(c.cur) :: else fi;
  if :: c.att -> store_for_s(cover, c.cur, 0, 0) :: else -> un_c!cover,c.cur,0,0 fi;
  c_pump()
}
inline c_frame(k_, session, answers) {
  if
  :: c_fresh != 0 && session == c_fresh -> c_hears()
  :: else ->
     if
     :: c.cur != 0 && session == c.cur ->
        if :: answers -> c_forgot = false; forget_secrets(); c_secrets[0] = c.cur :: else fi;
        if
        :: k_ == delivered -> c_text = 0
        :: k_ == closing ->
           c.told = true;
           if :: c.ending == 0 -> c.ending = 1 :: else fi;
           if :: c.ending == 2 -> c_leave() :: else fi;
           if :: c.ending == 1 -> c_pump(); if :: c.ending == 2 && c.att -> c_leave() :: else fi :: else fi
        :: else
        fi
     :: else
     fi
  fi
}
inline c_login() {
  drain2(down_c);
  if
  :: d_gone || d_c_left -> c.told = true; c.over = true; c.cur = 0; c_fresh = 0; drain4(un_c)    /* not listed */
  :: else ->
     c.att = true;
     down_c!resumed,d_s_left;
     if :: d_s_left -> down_c!peer_left,0 :: else -> if :: d_wanted -> down_c!assigned,d_challenge :: else fi fi;
     again(down_c, box_c)
  fi
}
inline c_resumed(gone) {
  c.open = true;
  if :: c.ending != 3 -> register_again(c_secrets[0]) :: else fi;
  if
  :: c.ending == 3 -> leave_c()
  :: else ->
     do :: c.att && len(un_c) > 0 -> un_c?k,a,b,t; store_for_s(k, a, b, t) :: else -> break od;
     c_pump();
     if :: !gone && (c.unknown || HANDSHAKE_DUE(c)) && c.att && c.ending != 3 -> c_hold(); ask_again() :: else fi
  fi
}

proctype counselor() {
  mtype k; byte a, b, t, i;
end:
  do
  :: atomic { c.att && nempty(down_c) ->
       down_c?k,a;
       if
       :: k == mail ->
          if
          :: len(box_c) > 0 ->
             box_c?k,a,b,t;
             if :: k == hello -> c_hello(a, b, t) :: else -> c_frame(k, a, b) fi
          :: else
          fi
       :: k == resumed -> t = a; c_resumed(t)
       :: k == peer_left -> c_peer_gone()
       :: k == assigned -> c_assigned(a)
       :: k == left -> c.told = true; c.over = true; c.cur = 0; c_fresh = 0; cut_c(); drain4(un_c)
       fi;
       k = 0; a = 0; b = 0; t = 0; i = 0 }
  :: atomic { !c.att && !c.over -> c_login(); i = 0 }
  :: atomic { c.att && cuts > 0 -> cuts--; cut_c() }
  /* The console is loaded again: with what its page kept, or at another machine with nothing. */
  :: atomic { reloads > 0 && !c.over ->
       reloads--; cut_c(); drain4(un_c);
       if
       :: c.told || c.ending != 0 -> forget_secrets()        /* the page erased it */
       :: else -> if :: c_secrets[2] = 0; c_secrets[3] = 0 :: forget_secrets() fi
       fi;
       c.cur = 0; c.heard = false; c.held = false; c.peer_gone = false; c.ending = 0; c.told = false;
       c_offered = 0; c_offered_for = 0; c_fresh = 0; c_proven = 0; c_text = 0; c.unknown = true; c_forgot = true }
  :: atomic { wishes > 0 && !c.told && !c.over ->
       wishes--; c.told = true; c.ending = 1;
       if :: c.cur == 0 || c.held || c.peer_gone -> c_leave() :: else -> c_pump() fi }
  :: atomic { texts > 0 && c.cur != 0 && !c.told -> texts--; c_text = c_person * 16; c_pump() }
  :: atomic { c.ending == 2 && empty(un_c) -> c_leave() }
  :: atomic { c.ending == 1 && (c.held || c.peer_gone) -> c_leave() }
  od
}

/* 15 minutes after one has left the rest is erased, and whoever is still there is told. */
proctype leave_grace() {
end:
  do
  :: atomic { !d_gone && (d_s_left || d_c_left) ->
       if :: !d_s_left -> say_s(peer_left, 0); say_s(left, 0) :: else fi;
       if :: !d_c_left -> say_c(peer_left, 0); say_c(left, 0) :: else fi;
       erase_all() }
  od
}

/* A console by invitation takes a HELLO that comes before its introduction, and forgets it with its connection. */
#if LOST > 0
proctype mail_lost() {
end:
  do
  :: atomic { lost > 0 && len(box_c) > 0 -> lost--; cut_c(); box_c?_,_,_,_ }
  od
}
#endif

/* At some point nothing goes wrong any more, and nobody wishes anything.  When nothing is left to happen then, both talk,
   or both know that it is over. */
proctype at_rest() {
  atomic { cuts = 0; reloads = 0; wishes = 0; texts = 0; lost = 0 };
  atomic { timeout -> assert(GOOD) }
}

init {
  atomic {
    s.att = true; s.open = true; c.att = true; c.open = true; box_s!offer,1,1,0; down_s!mail,0;
#if LOST > 0
    c.held = true;               /* as in every talk that no call began */
#endif
    run survivor(); run counselor(); run leave_grace(); run at_rest();
#if LOST > 0
    run mail_lost()
#else
    skip
#endif
  }
}

ltl settled { <>[] GOOD }
