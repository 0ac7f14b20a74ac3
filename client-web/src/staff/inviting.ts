// Asking a colleague to take over a conversation, or to join it, and being asked. A pure function of what the core tells,
// as state.ts, whose part it is.
import type { ColleagueTold, InvitationKind, InvitationStage, Invited } from 'bridge';

// Of a conversation here: whom we invited last, and how that stands.
export type Invitation = { purpose: InvitationKind; alias: string; now: InvitationStage };

export function underWay(invitation: Invitation | undefined): boolean {
  return invitation !== undefined && ['asked', 'offered', 'accepted'].includes(invitation.now);
}
export function handedOver(invitation: Invitation | undefined): boolean {
  return invitation?.purpose === 'take_over' && invitation.now === 'done';
}

// That somebody is here, or has been, says more than how they came.
export function arrived<Seat extends { invitation: Invitation | undefined }>(seat: Seat): Seat {
  return seat.invitation?.purpose === 'join' && seat.invitation.now === 'done' ? { ...seat, invitation: undefined } : seat;
}

// Who could be invited; undefined: nobody has asked yet.
export type Team = { colleagues: ColleagueTold[]; complete: boolean };

export const unknown: Team = { colleagues: [], complete: false };

// One without a pseudonym is nobody, or somebody whose certificate is not good.
export function told(team: Team, event: ColleagueTold): Team {
  const before = team.complete ? [] : team.colleagues;
  const colleagues = event.alias === '' ? before : [...before, event];
  return { colleagues, complete: event.left === 0 };
}

// A colleague asks us. `answered`: with yes; the survivor decides.
export type Asked = { conversation: string; alias: string; purpose: InvitationKind; answered: boolean };

export function ring(asked: Asked[], { conversation, alias, purpose }: Invited): Asked[] {
  return [...withdraw(asked, conversation), { conversation, alias, purpose, answered: false }];
}
export function withdraw(asked: Asked[], conversation: string): Asked[] {
  return asked.filter((each) => each.conversation !== conversation);
}
export function answer(asked: Asked[], conversation: string): Asked[] {
  return asked.map((each) => (each.conversation === conversation ? { ...each, answered: true } : each));
}
