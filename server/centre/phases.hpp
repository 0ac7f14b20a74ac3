// Who may say what: a message that is not listed for a connection's phase is refused (out_of_phase).
#pragma once

#include "server/desk/desk.hpp"

namespace tomoshibi::centre {

struct permission {
  byte code;
  bool fresh, survivor, staff;
};

// clang-format off
inline constexpr permission permissions[] = {
    // message                    fresh  survivor  staff
    {wire::watch::code,           true,  true,     true},
    {wire::enter::code,           true,  true,     false},
    {wire::resume::code,          true,  true,     false},
    {wire::register_token::code,  false, true,     true},
    {wire::offer::code,           false, false,    true},
    {wire::hello::code,           false, true,     false},
    {wire::talk::code,            false, true,     true},
    {wire::taken::code,           false, true,     true},
    {wire::leave::code,           false, true,     true},
    {wire::ask_again::code,       false, false,    true},
    {wire::new_nonce::code,       false, true,     false},
    {wire::login::code,           true,  false,    false},
    {wire::duty::code,            false, false,    true},
    {wire::ask_letter_keys::code, true,  true,     false},
    {wire::begin_letter::code,    true,  true,     false},
    {wire::letter_part::code,     true,  true,     false},
    {wire::show_return::code,     true,  false,    false},
    {wire::put_inbox_key::code,   false, false,    true},
    {wire::take_letter::code,     false, false,    true},
    {wire::reply_part::code,      false, false,    true},
    {wire::finish_letter::code,   false, false,    true},
    {wire::ask_team::code,        false, false,    true},
    {wire::invite::code,          false, false,    true},
    {wire::consent::code,         false, false,    true},
    {wire::decline::code,         false, false,    true},
    {wire::introduce::code,       false, false,    true},
    {wire::enter_invited::code,   false, true,     false},
};
// clang-format on

constexpr bool permitted(byte code, desk::phase now) {
  for (const permission& one : permissions)
    if (one.code == code)
      return now == desk::phase::fresh ? one.fresh : now == desk::phase::survivor ? one.survivor : one.staff;
  return false;
}

}  // namespace tomoshibi::centre
