/* An invitation, in every order: survivor, inviting console A, invited console B, and the server between them, from the
   moment on at which A and the survivor talk.  Hand-over and company, with lost connections, a page or a console loaded again,
   texts, withdrawals, goodbyes and patience that ends; and with a server that lies.  From
   client-web/core/{survivor,counselor,conversation}.cpp and server/desk/{talk,invitations}.cpp.

   As in talk.pml, a client and the server act in one step, and what the server says waits in `down`.  Talk A is the one
   with A, talk B the guest's.  A session is the number of its HELLO.  How a resume secret is forgotten or spent is
   talk.pml's: here a console that was loaded again knows it still.  An invitation is the number of its sheet, and so are
   `accept` and psk; all that is sealed opens for whom it was sealed to.

   Asserted on the way: nothing is accepted unseen; whoever B is told of as introduced has accepted that sheet, and nobody
   else begins an invited talk; a text goes to nobody who has not proven who they are, and no more to A after the hand-over;
   no console raises an alarm while all are honest; nothing is out of phase; and nobody asks for handshakes without end,
   for there are numbers for 14.  And where nothing is left to happen: GOOD, below. */

/* run joins KIND=JOIN WISHES=0 TEXTS=0: safety */
/* run joins-with-a-text KIND=JOIN CUTS=0 WISHES=0: safety */
/* run joins-with-a-wish KIND=JOIN CUTS=0 RELOADS=0 TEXTS=0: safety */
/* run takes-over KIND=TAKE_OVER WISHES=0 TEXTS=0: safety */
/* slow run takes-over-with-a-text KIND=TAKE_OVER CUTS=0 WISHES=0: safety */
/* run all-goes-well KIND=JOIN CUTS=0 RELOADS=0 WISHES=0 PATIENT: safety */
/* run lying-server KIND=JOIN LIES=1 CUTS=0 RELOADS=0 WISHES=0 TEXTS=0: safety */
/* slow run joins-cut-with-a-wish KIND=JOIN RELOADS=0 TEXTS=0: safety */
/* slow run joins-reloaded-with-a-wish KIND=JOIN CUTS=0 TEXTS=0: safety */
/* slow run takes-over-cut-with-a-wish KIND=TAKE_OVER RELOADS=0 TEXTS=0: safety */
/* slow run takes-over-reloaded-with-a-wish KIND=TAKE_OVER CUTS=0 TEXTS=0: safety */
/* slow run takes-over-with-all-but-wishes KIND=TAKE_OVER WISHES=0: safety */
/* slow run asked-twice KIND=JOIN INVITES=2 CUTS=0 RELOADS=0 TEXTS=0: safety */
/* slow run server-lies-twice KIND=JOIN LIES=2 CUTS=0 RELOADS=0 WISHES=0 TEXTS=0: safety */
/* slow run never-in-circles KIND=JOIN CUTS=0 WISHES=0 TEXTS=0: settled */

/* run no-psk-needed KIND=JOIN LIES=2 CUTS=0 RELOADS=0 WISHES=0 TEXTS=0 NO_PSK: !safety */
/* run psk-known-by-its-id KIND=JOIN LIES=1 CUTS=0 RELOADS=0 WISHES=0 TEXTS=0 ID_ALONE: !safety */
/* run unseen-sheet-accepted KIND=JOIN INVITES=2 CUTS=0 RELOADS=0 TEXTS=0 PATIENT NO_REST UNSEEN: !safety */
/* run texts-before-B-is-heard KIND=JOIN CUTS=0 RELOADS=0 WISHES=0 NO_REST RELAY_EARLY: !safety */
/* run texts-to-the-one-before KIND=TAKE_OVER CUTS=0 WISHES=0 NO_REST KEEP_TALK KEEP_WORDS: !safety */
/* slow run one-before-not-told KIND=TAKE_OVER CUTS=0 RELOADS=0 TEXTS=0 KEEP_TALK: !safety */
/* run guest-of-a-session-before KIND=JOIN CUTS=0 WISHES=0 TEXTS=0 ANY_SESSION: !safety */
/* run HELLO-said-for-ever KIND=JOIN CUTS=0 WISHES=0 TEXTS=0 HELLO_AGAIN: !safety */
/* run early-HELLO-refused KIND=JOIN CUTS=0 RELOADS=0 WISHES=0 TEXTS=0 PATIENT NO_EARLY: !safety */
/* slow run withdrawn-after-the-yes KIND=JOIN CUTS=0 RELOADS=0 TEXTS=0 WITHDRAW_LATE: !safety */
/* slow run invitation-outlives-its-session KIND=JOIN CUTS=0 WISHES=0 TEXTS=0 OUTLIVE: !safety */
/* slow run second-consent-closes KIND=JOIN INVITES=2 CUTS=0 RELOADS=0 TEXTS=0 CONSENT_ONCE: !safety */

#define JOIN 1
#define TAKE_OVER 2
#ifndef CUTS
#define CUTS 1
#endif
#ifndef RELOADS
#define RELOADS 1
#endif
#ifndef WISHES
#define WISHES 1
#endif
#ifndef INVITES
#define INVITES 1
#endif
#ifndef TEXTS
#define TEXTS 1
#endif
#ifndef LIES
#define LIES 0
#endif

mtype = { offer, hello, cover, text, closing, asks, answer, company,     /* frames; asks is 10|13 with its 12, answer 11 */
          resumed, peer_left, nonce_wanted, assigned, left, refused, mail, invited, consent, introduce, over };

#define A 0
#define B 1
#define OF_RESUME 14             /* a psk: the resume secret; 0: none; else the sheet's number */
#define FORGED 15                /* a session, a nonce, a psk, a sheet of the server's own making */
#define SEALED 14                /* a session under a psk that the server does not know */
#define PSK(both) ((both) / 16)
#define TH(both) ((both) % 16)

typedef of_survivor { bool open, inside, held, heard, joining, peer_gone, told, leaves; byte cur, nonce, ending, words };
typedef of_console { bool open, known, held, heard, peer_gone, told, forgot, three, leaves; byte cur, fresh, offered, offered_for, ending };
typedef of_server { bool live, s_here, s_left, c_left, greeted, again, by_invitation, wanted; byte challenge };
/* ending: 0 none, 1 wanted, 2 said, 3 leaving.  words: 0 none, 1 wait, 2 under way */
of_survivor s[2];
of_console c[2];
of_server d[2];
bool s_att, c_att[2];

chan box_s[2] = [5] of { mtype, byte, byte };        /* kind, session or number of the OFFER, the rest */
chan box_c[2] = [8] of { mtype, byte, byte };
chan un_s[2] = [6] of { mtype, byte, byte };         /* posted, and not yet stored */
chan un_c[2] = [4] of { mtype, byte, byte };
chan errands[2] = [4] of { mtype, byte };            /* the survivor's, not yet sealed */
chan down_s = [10] of { mtype, byte, byte };         /* kind, talk, the rest */
chan down_c[2] = [8 + 3 * LIES] of { mtype, byte, byte };

byte cuts = CUTS, reloads = RELOADS, wishes = WISHES, invites = INVITES, lies = LIES;
byte texts = TEXTS, nonces = 1, ths = 1, offers = 1, sheets, consents;

/* --- the survivor's --- */
byte main, question, seen, yes, unheard, by, by_th;      /* by: the sheet that the guest was let in with */
bool beside, by_heard, order, s_gone, s_over;
/* --- A's: 0 none, 1 B is asked, 2 the survivor is asked, 3 accepted --- */
byte a_inviting, a_sheet, a_asks, a_consent;
bool a_open;
/* --- B's: 0 none, 1 asked, 2 consented --- */
byte b_asked, b_th, b_consent, b_expected, b_expected_th, b_by, b_by_th, b_early;
bool b_invited;
chan early = [4] of { mtype, byte, byte };
/* --- the server's: is there an invitation, and how far is it --- */
bool i_here, i_consented, i_introduced, i_entered;

#define HONEST (LIES == 0)
#ifdef NO_REST
#define REST false
#else
#define REST HONEST
#endif
#define HAS(i) (i == main && !s_over || i != main && beside)
#define AWAITED(i) (i == B && main == A && beside && !by_heard)
#ifndef ANY_SESSION
#define FITS (KIND == TAKE_OVER || by_th == s[A].cur)
#else
#define FITS true
#endif

/* What the persons see when nothing is left to happen. */
#define WITH(i) (s[i].cur != 0 && s[i].cur == c[i].cur && s[i].heard && c[i].heard && s[i].open && c[i].open && \
                 !s[i].told && !c[i].told)
#define OVER(i) (s[i].told && c[i].told)
#define AWAY(i) (d[i].live && !d[i].s_here)                     /* the console says so */
#define ALONE(i) (c[i].cur == 0 || c[i].told || AWAY(i))
#define THREE (main == A && WITH(A) && WITH(B) && c[A].three && c[B].three)
#define TWO (main == A && WITH(A) && !beside && !c[A].three && ALONE(B) || main == B && WITH(B) && !beside && ALONE(A))
#define GOOD ((s_gone || OVER(main) || (order && THREE || !order && TWO)) && (a_inviting == 0 || c[A].told || AWAY(A)) && !i_here)
#ifdef PATIENT
#define DONE (order || main == B)          /* with patience and without faults everybody comes together */
#else
#define DONE true
#endif

inline drain2(ch) { do :: nempty(ch) -> ch?_,_ :: empty(ch) -> break od }
inline drain3(ch) { do :: nempty(ch) -> ch?_,_,_ :: empty(ch) -> break od }

inline say_s(i, what, arg) { if :: d[i].s_here -> down_s!what,i,arg :: else fi }
inline say_c(i, what, arg, arg2) { if :: c_att[i] -> down_c[i]!what,arg,arg2 :: else fi }
inline tell_mail(ch, i, box) { n = 0; do :: n < len(box) -> ch!mail,i,0; n++ :: else -> break od }

/* What was on its way is lost at the end of the step. */
inline cut_s() { s_att = false; s[A].open = false; s[B].open = false; d[A].s_here = false; d[B].s_here = false }
inline cut_c(i) { c_att[i] = false; c[i].open = false }
inline maybe_cut_s() { if :: s_att && cuts > 0 -> cuts--; cut_s() :: skip fi }
inline maybe_cut_c(i) { if :: c_att[i] && cuts > 0 -> cuts--; cut_c(i) :: skip fi }

/* --- the server (talk.cpp, invitations.cpp) --- */

inline to_c(i, k_, a_, b_) {
  if
  :: !d[i].live || d[i].c_left
  :: else ->
     if
     :: k_ == hello -> d[i].greeted = true; d[i].wanted = false
     :: else -> assert(d[i].greeted)
     fi;
     assert(nfull(box_c[i])); box_c[i]!k_,a_,b_; say_c(i, mail, 0, 0)
  fi
}
inline to_s(i, k_, a_, b_) {
  if
  :: !d[i].live || d[i].s_left
  :: else -> assert(k_ == offer || d[i].greeted); assert(nfull(box_s[i])); box_s[i]!k_,a_,b_; say_s(i, mail, 0)
  fi
}
inline end_invitation() {
  if
  :: i_here ->
     i_here = false; i_consented = false; i_introduced = false; i_entered = false; say_c(A, over, 0, 0); say_c(B, over, 0, 0)
  :: else
  fi
}
inline end_if_done() { if :: i_entered && i_introduced -> end_invitation() :: else fi }
inline take_nonce(i) {
  if :: i == A -> end_invitation() :: else fi;
  d[i].challenge = s[i].nonce; d[i].again = false;
  if :: !d[i].c_left -> d[i].wanted = true; d[i].by_invitation = false; say_c(i, assigned, s[i].nonce, 0) :: else fi
}
inline erase_all(i) { d[i].live = false; d[i].s_here = false; drain3(box_s[i]); drain3(box_c[i]) }
inline leave_s(i) {
  if
  :: d[i].s_here ->
     if :: i == A -> end_invitation() :: else fi;
     d[i].s_here = false; d[i].s_left = true; drain3(box_s[i]); d[i].wanted = false; d[i].again = false;
     if :: d[i].c_left -> erase_all(i) :: else -> say_c(i, peer_left, 0, 0) fi
  :: else
  fi;
  down_s!left,i,0
}
inline leave_c(i) {
  if
  :: d[i].live && !d[i].c_left ->
     if :: i == A -> end_invitation() :: else fi;
     d[i].c_left = true; drain3(box_c[i]); d[i].wanted = false; d[i].again = false;
     say_s(i, peer_left, 0);
     if :: d[i].s_left -> erase_all(i) :: else fi
  :: else
  fi;
  down_c[i]!left,0,0
}
inline enter_invited() {
  if
  :: !d[A].s_here || d[B].s_left || (!d[B].live && !(i_here && i_consented && !i_entered)) -> down_s!refused,B,0
  :: else ->
     d[B].s_here = true;
     if
     :: !d[B].live ->
        d[B].live = true; d[B].wanted = true; d[B].by_invitation = true; d[B].challenge = s[B].nonce;
        say_c(B, assigned, s[B].nonce, 1); i_entered = true
     :: else
     fi;
     down_s!resumed,B,0;
     if :: d[B].c_left -> down_s!peer_left,B,0 :: d[B].again -> down_s!nonce_wanted,B,0 :: else fi;
     tell_mail(down_s, B, box_s[B]);
     end_if_done()
  fi
}

/* --- the survivor's client --- */

#define S_SEALS(i) (s[i].open && s[i].cur != 0 && !s[i].held)

inline s_forget(i) {
  s[i].cur = 0; s[i].open = false; s[i].inside = false; s[i].held = false; s[i].heard = false; s[i].joining = false;
  s[i].peer_gone = false; s[i].nonce = 0; s[i].ending = 0; s[i].words = 0; drain3(un_s[i]); drain2(errands[i])
}
inline forget_beside() {
  x = 1 - main; s_forget(x); beside = false; by = 0; by_th = 0; by_heard = main == B; unheard = 0
}
/* Its close is sealed, or it leaves, at the end of the step. */
inline s_end(i) { if :: s[i].ending == 0 -> s[i].told = true; s[i].ending = 1 :: else fi }
inline end_by_peer(i) { if :: s[i].ending == 0 -> ended = !s[i].told; s[i].told = true :: else fi }

inline s_offer(i, number, nonce_) {
  if
  :: s[i].nonce == 0 || nonce_ != s[i].nonce || s[i].ending != 0 || s[i].peer_gone
  :: else ->
     ths++; assert(ths < SEALED);
     s[i].nonce = 0; s[i].cur = ths; s[i].held = false; s[i].heard = false; s[i].joining = true;
     drain2(errands[i]);
     if :: s[i].words == 2 -> s[i].words = (i == main) :: else fi;
     un_s[i]!hello,number,((AWAITED(i) -> by : OF_RESUME) * 16 + ths); un_s[i]!cover,ths,0;
#ifdef RELAY_EARLY
     order = order || AWAITED(i)
#endif
  fi
}
inline s_frame(i, k_, session, arg) {
  if
  :: session != s[i].cur || s[i].cur == 0
  :: else ->
     s[i].heard = true; joined = s[i].joining; s[i].joining = false;
     if
     :: k_ == asks && i == main -> question = arg
     :: k_ == closing -> bye = true; end_by_peer(i); if :: s[i].ending == 0 -> s[i].ending = 1 :: else fi
     :: else
     fi
  fi
}
inline new_nonce(i) { nonces++; assert(nonces < FORGED); s[i].nonce = nonces }
inline s_resume(i) {
  if
  :: !d[i].live || d[i].s_left -> dropping = true; if :: i == main -> s_over = true; s[i].told = true; s[i].cur = 0 :: else -> unknown = true fi
  :: else ->
     d[i].s_here = true;
     if :: !s[i].inside || s[i].held -> drain3(box_s[i]); new_nonce(i); take_nonce(i) :: else fi;
     down_s!resumed,i,0;
     if :: d[i].c_left -> down_s!peer_left,i,0 :: d[i].again -> down_s!nonce_wanted,i,0 :: else fi;
     tell_mail(down_s, i, box_s[i])
  fi
}
inline s_nonce_wanted(i) {
  if
  :: s[i].ending != 0
  :: else ->
     if :: i == B && s[i].cur != 0 -> unheard = (s[i].heard -> 0 : unheard + 1) :: else fi;
#ifndef HELLO_AGAIN
     if :: AWAITED(i) && unheard >= 2 -> failing = true :: else fi;
#endif
     if
     :: failing
     :: else ->
        s[i].held = true; new_nonce(i); maybe_cut_s();
        if
        :: d[i].s_here && !d[i].c_left -> if :: d[i].again -> take_nonce(i) :: else -> assert(!HONEST) fi
        :: else
        fi
     fi
  fi
}
/* What a step of one conversation told: to the page, or to the other conversation. */
inline consider(i) {
  if
  :: joined && AWAITED(i) ->
     by_heard = true;
     if
     :: KIND == TAKE_OVER ->
        main = B;
#ifndef KEEP_WORDS
        s[A].words = 0;
#endif
#ifndef KEEP_TALK
        s_end(A)
#else
        skip
#endif
     :: KIND != TAKE_OVER && FITS -> errands[A]!company,s[A].cur; errands[B]!company,s[A].cur; order = true
     :: else -> failing = true
     fi
  :: joined && !AWAITED(i) ->
     dropping = dropping || order;
     if :: i == main -> question = 0; failing = failing || AWAITED(B) && !FITS :: else fi
  :: else
  fi;
  if
  :: ended && AWAITED(i) -> failing = true
  :: ended && !AWAITED(i) -> dropping = true; if :: i == main -> question = 0 :: else fi
  :: else
  fi;
  if
  :: dropping || failing ->
     if :: order -> order = false; errands[A]!company,0; s[B].words = 0 :: else fi;
     if
     :: beside ->
        by_heard = true; x = 1 - main;
        if
        :: s[x].ending != 0
        :: s[x].ending == 0 && s[x].open -> s_end(x)
        :: else -> if :: s_att -> maybe_cut_s(); if :: d[x].s_here -> leave_s(x) :: else fi :: else fi; forget_beside()
        fi
     :: else
     fi;
     if :: unknown && beside -> forget_beside() :: else fi;
     if :: failing && s[A].ending < 3 -> errands[A]!answer,0 :: else fi
  :: else
  fi
}
/* All that is to be said in a talk. */
inline s_pump(i) {
  if
  :: S_SEALS(i) ->
     do :: len(errands[i]) > 0 -> errands[i]?k,x; un_s[i]!k,s[i].cur,x :: else -> break od;
     if
     :: s[i].words == 1 ->
        assert(i == main || by_heard);         /* to a guest: to nobody who has not proven who they are */
        assert(i == B || main == A);           /* to whoever was there before: nothing more */
        s[i].words = 2; un_s[i]!text,s[i].cur,0
     :: else
     fi;
     if :: s[i].ending == 1 -> s[i].ending = 2; un_s[i]!closing,s[i].cur,0 :: else fi
  :: else
  fi;
  do
  :: s[i].open && len(un_s[i]) > 0 -> maybe_cut_s(); if :: s_att -> un_s[i]?k,x,y; to_c(i, k, x, y) :: else fi
  :: else -> break
  od;
  if
  :: s[i].ending == 1 && (s[i].cur == 0 || s[i].held || s[i].peer_gone) || bye && n == i && s[i].ending == 2 && s[i].open || s[i].leaves ->
     s[i].ending = 3; s[i].cur = 0; s[i].words = 0; s[i].joining = false; s[i].leaves = false; drain3(un_s[i]); drain2(errands[i]);
     if :: s[i].open -> maybe_cut_s(); if :: s_att -> leave_s(i) :: else fi :: else fi
  :: else
  fi
}

proctype survivor() {
  mtype k; byte i, x, y, n; bool joined, ended, bye, failing, dropping, unknown;
end:
  do
  :: atomic {
       if
       :: s_att && nempty(down_s) ->
          down_s?k,i,x;
          if
          :: k == mail ->
             if
             :: len(box_s[i]) > 0 ->
                box_s[i]?k,x,y;
                if
                :: !HAS(i)
                :: HAS(i) && k == offer -> s_offer(i, x, y)
                :: else -> s_frame(i, k, x, y)
                fi
             :: else
             fi
          :: k != mail && !HAS(i)
          :: k == resumed && HAS(i) -> s[i].inside = true; s[i].open = true; s[i].leaves = (s[i].ending == 3)
          :: k == nonce_wanted && HAS(i) -> s_nonce_wanted(i)
          :: k == refused && HAS(i) -> failing = true
          :: k == peer_left && HAS(i) ->
             if
             :: !s[i].peer_gone ->
                s[i].peer_gone = true; end_by_peer(i);
                s[i].leaves = s[i].ending != 3 && (s[i].cur == 0 || s[i].ending != 0)
             :: else
             fi
          :: k == left && HAS(i) ->
             if :: i == main -> s_over = true; s[i].told = true; s[i].cur = 0 :: else -> forget_beside() fi
          fi
       :: !s_att && !s_over && !s_gone ->
          s_att = true; s_resume(main);
          if
          :: beside && !s_over ->
             i = 1 - main;
             if :: i == B && !s[B].inside -> enter_invited() :: else -> s_resume(i) fi
          :: else
          fi
       :: s_att && cuts > 0 -> cuts--; cut_s()
       /* The page is loaded again: it keeps the way back to one conversation, and none to one that is over. */
       :: reloads > 0 && !s_over && !s_gone ->
          reloads--; cut_s(); s_gone = s[main].told; s_forget(main); forget_beside();
          order = false; question = 0; seen = 0
       :: question != 0 && seen == 0 && !s_over && s[A].ending == 0 && yes == 0 -> seen = question
       :: seen != 0 ->
          if
          :: question == 0 || s[A].ending != 0 || beside        /* it failed, and that is told */
#ifndef UNSEEN
          :: question != 0 && s[A].ending == 0 && !beside && question != seen
          :: question != 0 && s[A].ending == 0 && !beside && question == seen ->
#else
          :: question != 0 && s[A].ending == 0 && !beside ->
#endif
             yes = question;
             assert(yes == seen);                 /* nothing is accepted unseen */
             question = 0; errands[A]!answer,yes;
             beside = true; by = yes; by_th = s[A].cur; by_heard = false; new_nonce(B);
             n = 9; s_pump(A); maybe_cut_s();
             if :: s_att -> enter_invited() :: else fi
          fi;
          seen = 0
#ifndef PATIENT
       :: question != 0 && seen == 0 && s[A].ending == 0 -> question = 0; errands[A]!answer,0
       :: AWAITED(B) -> failing = true
#endif
       :: texts > 0 && !s_over && !s_gone && s[main].ending == 0 ->
          texts--; s[main].words = 1; if :: order -> s[B].words = 1 :: else fi
       :: wishes > 0 && !s_over && !s_gone && s[main].ending == 0 && !s[main].told ->
          wishes--;
          if
          :: order -> dropping = true
          :: dropping = true; s_end(main)
          :: s_gone = true; order = false; question = 0; s[A].leaves = HAS(A); s[B].leaves = HAS(B)
          fi
       /* patience with the peer's close is over */
       :: HAS(A) && s[A].ending == 2 && empty(un_s[A]) -> s[A].leaves = true
       :: HAS(B) && s[B].ending == 2 && empty(un_s[B]) -> s[B].leaves = true
       fi;
       consider(i);
       n = i; i = A; do :: i <= B -> s_pump(i); i++ :: else -> break od;
       if :: s_gone && s_att -> cut_s() :: else fi;
       if :: !s_att -> drain3(down_s) :: else fi;
       i = 0; k = 0; x = 0; y = 0; n = 0; joined = false; ended = false; bye = false; failing = false; dropping = false; unknown = false
     }
  od
}

/* --- a console --- */

#define C_SEALS(i) (c[i].open && c[i].cur != 0 && !c[i].held)
#define INTRODUCED(psk) (psk != 0 && psk != OF_RESUME && psk == b_expected)
#define UNKNOWN(psk) (psk != 0 && psk != OF_RESUME && psk != b_expected)

inline c_hold(i) { c[i].held = true; c[i].leaves = c[i].leaves || c[i].ending == 1 || c[i].ending == 2 }
inline c_peer_gone(i) {
  c[i].peer_gone = true; c[i].told = true; c[i].leaves = c[i].leaves || c[i].ending != 3 && (c[i].cur == 0 || c[i].ending != 0)
}
inline drop_invitation() { a_inviting = 0; declines = declines || a_open }
inline c_forget(i) {
  c[i].cur = 0; c[i].fresh = 0; c[i].offered = 0; c[i].offered_for = 0; c[i].held = false; c[i].heard = false;
  c[i].peer_gone = false; c[i].ending = 0; c[i].three = false; c[i].known = false; drain3(un_c[i])
}
inline c_assigned(i, nonce_, why) {
  c[i].known = true;
  if
  :: c[i].offered != 0 && c[i].offered_for == nonce_
  :: else ->
     b_invited = b_invited || i == B && why == 1;
     c[i].open = true; c_hold(i);
     if
     :: c[i].ending == 0 ->
        offers++; assert(offers < FORGED); c[i].offered = offers; c[i].offered_for = nonce_; un_c[i]!offer,offers,nonce_;
        if :: i == B -> b_early = 0; drain3(early) :: else fi
     :: else
     fi
  fi
}
inline c_hello(i, psk, th) {
  if
#ifndef NO_EARLY
  :: i == B && UNKNOWN(psk) && b_invited && b_asked == 2 && c[B].cur == 0 -> b_early = psk * 16 + th
#endif
  :: else ->
     c[i].offered = 0;
     if
#ifndef NO_PSK
     :: i == B && b_invited && c[B].cur == 0 && psk != OF_RESUME && !INTRODUCED(psk) -> goodbye = true
#endif
     :: else ->
        if
        :: i == B && UNKNOWN(psk) -> c[B].forgot = true; asks_again = true
        :: else ->
           c[i].forgot = false; c[i].fresh = th;
           if :: i == B && INTRODUCED(psk) -> b_by = psk; b_by_th = b_expected_th :: i == B && !INTRODUCED(psk) -> b_by = 0; b_by_th = 0 :: else fi
        fi
     fi
  fi
}
/* The survivor's first frame in a new session. */
inline c_hears(i) {
  if
  :: i == B ->
     /* Who is told as introduced has accepted this very sheet; and nobody else begins an invited talk. */
     assert(b_by == 0 || b_by == yes && c[B].fresh < SEALED);
     assert(b_by != 0 || c[B].cur != 0 || !b_invited);
     if :: b_by != 0 -> b_expected = 0 :: else fi
  :: else ->
#ifndef OUTLIVE
     if :: a_inviting != 0 -> drop_invitation() :: else fi;
#endif
     a_asks = 0
  fi;
  c[i].cur = c[i].fresh; c[i].fresh = 0; c[i].heard = true; c[i].held = false; c[i].three = false;
  if :: c[i].ending == 2 -> c[i].ending = 1 :: else fi;
  un_c[i]!cover,c[i].cur,0
}
inline c_answer(arg) {
  if
  :: a_inviting >= 2 && (arg == 0 || a_inviting == 2 && arg != a_sheet) -> drop_invitation()
  :: a_inviting == 2 && arg == a_sheet -> a_inviting = 3; introduces = true
  :: else
  fi
}
inline c_company(i, th_of_A) {
  if
  :: th_of_A == 0 -> c[i].three = false
  :: i == A && th_of_A != 0 && a_inviting == 3 -> a_inviting = 0; c[A].three = true
  :: i == B && th_of_A != 0 && b_by != 0 && th_of_A == b_by_th -> c[B].three = true
  :: else -> assert(!HONEST)                    /* an alarm that stays */
  fi
}
inline c_frame(i, k_, session, arg) {
  if :: c[i].fresh != 0 && session == c[i].fresh -> c_hears(i) :: else fi;
  if
  :: session == c[i].cur && c[i].cur != 0 ->
     if
     :: k_ == answer && i == A -> c_answer(arg)
     :: k_ == company -> c_company(i, arg)
     :: k_ == text -> s[i].words = 0            /* it is on the screen, and confirmed */
     :: k_ == closing ->
        c[i].told = true; bye = true;
        if :: c[i].ending == 0 -> c[i].ending = 1 :: else fi;
        if :: i == A && a_inviting != 0 -> drop_invitation() :: else fi
     :: else
     fi
  :: else
  fi
}
/* Whoever waited for an introduction that came, or that will not come. */
inline answer_early() {
  if
  :: b_early != 0 ->
     n = b_early; b_early = 0; c_hello(B, PSK(n), TH(n));
     do :: nempty(early) -> early?k,x,y; c_frame(B, k, x, y) :: empty(early) -> break od
  :: else
  fi
}
inline c_login(i) {
  c_att[i] = true;
  if :: i == A && (a_inviting == 1 || a_inviting == 2) -> a_inviting = 0 :: else fi;
  if
  :: !d[i].live || d[i].c_left -> if :: c[i].known -> c[i].told = true; c_forget(i) :: else fi
  :: else ->
     down_c[i]!resumed,d[i].s_left,0;
     if
     :: d[i].s_left -> down_c[i]!peer_left,0,0
     :: !d[i].s_left && d[i].wanted -> down_c[i]!assigned,d[i].challenge,d[i].by_invitation
     :: else
     fi;
     tell_mail(down_c[i], 0, box_c[i])
  fi
}
/* All that is to be said to the server. */
inline c_pump(i) {
  if
  :: C_SEALS(i) ->
     if :: i == A && a_asks != 0 -> un_c[i]!asks,c[i].cur,a_asks; a_asks = 0 :: else fi;
     if :: c[i].ending == 1 -> c[i].ending = 2; un_c[i]!closing,c[i].cur,0 :: else fi
  :: else
  fi;
  if
  :: declines -> maybe_cut_c(i); if :: c_att[i] -> end_invitation() :: else fi
  :: introduces ->
     maybe_cut_c(i);
     if :: c_att[i] && i_here -> assert(i_consented); i_introduced = true; say_c(B, introduce, a_sheet, a_consent); end_if_done() :: else fi
  :: else
  fi;
  do
  :: c[i].open && len(un_c[i]) > 0 -> maybe_cut_c(i); if :: c_att[i] -> un_c[i]?k,x,y; to_s(i, k, x, y) :: else fi
  :: else -> break
  od;
  if
  :: asks_again && c[i].open ->
     maybe_cut_c(i);
     if :: c_att[i] && d[i].live && !d[i].c_left && !d[i].s_left && !d[i].again -> d[i].again = true; say_s(i, nonce_wanted, 0) :: else fi
  :: else
  fi;
  if
  :: c[i].ending == 1 && (c[i].cur == 0 || c[i].held || c[i].peer_gone) || bye && c[i].ending == 2 && c[i].open || c[i].leaves ->
     c[i].ending = 3; c[i].cur = 0; c[i].fresh = 0; c[i].three = false; c[i].leaves = false; drain3(un_c[i]);
     if :: i == A -> a_asks = 0 :: else fi;
     goodbye = c[i].open
  :: else
  fi;
  if :: goodbye -> maybe_cut_c(i); if :: c_att[i] -> leave_c(i) :: else fi :: else fi;
  /* What the server had to do with this console's invitations is over with its connection. */
  if
  :: !c_att[i] ->
     drain3(down_c[i]); end_invitation();
     if :: i == A -> a_open = false :: else -> b_asked = 0; b_early = 0; drain3(early) fi
  :: else
  fi
}

proctype console(byte i) {
  mtype k; byte x, y, n; bool bye, goodbye, declines, introduces, asks_again;
end:
  do
  :: atomic {
       if
       :: c_att[i] && nempty(down_c[i]) ->
          down_c[i]?k,x,y;
          if
          :: k == mail ->
             if
             :: len(box_c[i]) > 0 ->
                box_c[i]?k,x,y;
                if
                :: !c[i].known
                :: c[i].known && k == hello ->
                   if :: c[i].offered != 0 && x == c[i].offered && c[i].ending != 3 -> c_hello(i, PSK(y), TH(y)) :: else fi
                :: c[i].known && k != hello && i == B && b_early != 0 -> early!k,x,y
                :: else -> c_frame(i, k, x, y)
                fi
             :: else
             fi
          :: k == resumed ->
             c[i].forgot = c[i].forgot || !c[i].known; c[i].known = true; c[i].open = true; c[i].leaves = (c[i].ending == 3);
             if
             :: x == 0 && (c[i].forgot || c[i].held) && c[i].ending != 3 -> c_hold(i); asks_again = true
             :: x == 1 && !c[i].peer_gone -> c_peer_gone(i)     /* its mail, and what that is about, is still to come */
             :: else
             fi
          :: k == assigned -> c_assigned(i, x, y)
          :: k == peer_left ->
             if
             :: c[i].known && !c[i].peer_gone ->
                if :: i == A && a_inviting != 0 -> drop_invitation() :: else fi;
                c_peer_gone(i)
             :: else
             fi
          :: k == left -> c[i].told = true; c_forget(i)
          :: k == over ->
             if
             :: i == A -> a_open = false; if :: a_inviting == 1 || a_inviting == 2 -> a_inviting = 0 :: else fi
             :: i == B && b_asked != 0 -> b_asked = 0; answer_early()
             :: else
             fi
          :: k == invited -> b_asked = 1; b_th = y
          :: k == consent ->
             if
             :: a_inviting == 1 && x == c[A].cur && c[A].cur != 0 && c[A].ending == 0 -> a_inviting = 2; a_consent = y; a_asks = a_sheet
             :: a_inviting == 1 && !(x == c[A].cur && c[A].cur != 0 && c[A].ending == 0) -> drop_invitation()
             :: else
             fi
          :: k == introduce ->
             if
             :: b_asked == 2 ->
                b_asked = 0;
                if :: y == b_consent -> b_expected = x; b_expected_th = b_th :: else -> declines = true fi;
                answer_early()
             :: else
             fi
          fi
       :: !c_att[i] -> c_login(i)
       :: c_att[i] && cuts > 0 -> cuts--; cut_c(i)
       :: reloads > 0 ->
          reloads--; cut_c(i); c_forget(i); c[i].forgot = true;
          c[i].told = c[i].told && (!d[i].live || d[i].c_left);
          if :: i == A -> a_inviting = 0; a_asks = 0 :: else -> b_expected = 0; b_by = 0; b_by_th = 0; b_invited = false fi
       :: wishes > 0 && c[i].known && !c[i].told -> wishes--; c[i].told = true; c[i].ending = 1
       /* patience with the peer's close is over */
       :: c[i].ending == 2 && empty(un_c[i]) -> c[i].leaves = true
       /* A invites, and may withdraw it */
       :: i == A && invites > 0 && c_att[A] && c[A].cur != 0 && c[A].ending == 0 && a_inviting == 0 && !a_open && !d[B].live ->
          invites--; sheets++; a_sheet = sheets; a_inviting = 1; a_open = true; maybe_cut_c(A);
          if
          :: c_att[A] && d[A].live && !d[A].c_left ->
             assert(!HONEST || !i_here);
             if :: d[A].s_left || !c_att[B] -> say_c(A, over, 0, 0) :: else -> i_here = true; say_c(B, invited, sheets, c[A].cur) fi
          :: else
          fi
#ifndef WITHDRAW_LATE
       :: i == A && wishes > 0 && (a_inviting == 1 || a_inviting == 2) -> wishes--; drop_invitation()
#else
       :: i == A && wishes > 0 && a_inviting != 0 -> wishes--; drop_invitation()
#endif
       :: i == B && b_asked == 1 ->
          consents++; b_consent = consents; b_asked = 2; maybe_cut_c(B);
          if
          :: c_att[B] && i_here && !i_consented -> i_consented = true; say_c(A, consent, b_th, b_consent)
#ifdef CONSENT_ONCE
          :: c_att[B] && i_here && i_consented -> assert(false)       /* B's connection is closed */
#endif
          :: else                                /* B's yes to the one before came first, and was taken for this one */
          fi
#ifndef PATIENT
       :: i == B && b_asked == 1 -> b_asked = 0; declines = true
#endif
       fi;
       c_pump(i);
       k = 0; x = 0; y = 0; n = 0; bye = false; goodbye = false; declines = false; introduces = false; asks_again = false
     }
  od
}

/* The server waits for a consent two minutes, and for whoever is invited ten. */
#ifndef PATIENT
proctype too_late() {
end:
  do :: atomic { i_here -> end_invitation() } od
}
#endif

/* A server that wants somebody in: it asks B in A's name, calls, plays the survivor, repeats what she shows, drops mail.  It
   seals what it likes where it knows the psk, and cannot introduce. */
#if LIES > 0
#define AS_SURVIVOR(psk, th) d[B].greeted = true; box_c[B]!hello,c[B].offered,(psk * 16 + th); down_c[B]!mail,0,0
proctype lying_server() {
end:
  do
  :: atomic { lies > 0 && c_att[B] ->
       lies--;
       if
       :: down_c[B]!invited,FORGED,c[A].cur
       :: d[B].live = true; down_c[B]!assigned,FORGED,1
       :: d[B].live = true; down_c[B]!assigned,FORGED,0
       :: c[B].offered != 0 -> AS_SURVIVOR(0, FORGED); box_c[B]!cover,FORGED,0; down_c[B]!mail,0,0
       :: c[B].offered != 0 -> AS_SURVIVOR(FORGED, FORGED); box_c[B]!cover,FORGED,0; down_c[B]!mail,0,0
       :: c[B].offered != 0 && yes != 0 ->
          AS_SURVIVOR(yes, SEALED);
#ifdef ID_ALONE
          box_c[B]!cover,SEALED,0; down_c[B]!mail,0,0
#else
          skip                                   /* no frame of it opens */
#endif
       :: down_c[B]!over,0,0
       :: c_att[A] -> down_c[A]!over,0,0
       :: d[B].s_here -> down_s!nonce_wanted,B,0
       :: len(box_c[B]) > 0 -> box_c[B]?_,_,_
       :: len(box_c[A]) > 0 -> box_c[A]?_,_,_
       :: len(box_s[A]) > 0 -> box_s[A]?_,_,_
       fi }
  od
}
#endif

/* At some point nothing goes wrong any more, and nobody wishes anything. */
proctype at_rest() {
#ifndef PATIENT
  atomic { cuts = 0; reloads = 0; wishes = 0; texts = 0; invites = 0; lies = 0 };
#endif
  atomic { timeout -> assert(!REST || GOOD && DONE) }
}

init {
  atomic {
    d[A].live = true; d[A].s_here = true; d[A].greeted = true; s_att = true; c_att[A] = true; c_att[B] = true;
    s[A].open = true; s[A].inside = true; s[A].heard = true; s[A].cur = 1;
    c[A].open = true; c[A].known = true; c[A].heard = true; c[A].cur = 1; c[A].offered_for = 1; c[B].forgot = true;
    run survivor(); run console(A); run console(B); run at_rest();
#ifndef PATIENT
    run too_late();
#endif
#if LIES > 0
    run lying_server()
#else
    skip
#endif
  }
}

ltl settled { <>[] GOOD }
