// console.wasm: the counselor's core.
#include "client-web/core/bridge.hpp"
#include "client-web/core/counselor.hpp"
#include "client-web/wasm/module.hpp"

namespace tomoshibi::core {
namespace {

crypto::system_random randomness;
std::optional<counselor> console;  // from `begin` on

struct performer {
  seconds clock;
  output& out;

  void operator()(const from_counselor::begin& on) {
    console.emplace(counselor_settings{on.root_fingerprint, on.origin},
                    crypto::identity{on.certificate, on.sign_seed, on.agree_seed}, randomness, on.inbox);
  }
  void operator()(const from_counselor::restore& in) { console->restore(in.kept, out); }
  void operator()(const from_network::connected&) { console->connected(); }
  void operator()(const from_network::disconnected&) { console->disconnected(clock); }
  void operator()(const from_network::received& in) { console->received(in.message, clock, out); }
  void operator()(const from_network::fetched& in) { console->fetched(in.hash, in.object, clock, out); }
  void operator()(const from_network::tick&) { console->tick(clock, out); }
  void operator()(const from_counselor::set_duty& in) { console->set_duty(in.duty, out); }
  void operator()(const from_counselor::accept& in) { console->accept(in.conversation, clock, out); }
  void operator()(const from_counselor::say& in) {
    message_id id{};
    const said answer = console->say(in.conversation, as_words(in.text), in.written_in, clock, out, &id);
    out.tell(say_answered{in.reference, id, answer});
  }
  void operator()(const from_counselor::shown& in) { console->shown(in.conversation, in.id, clock, out); }
  void operator()(const from_counselor::recall& in) { console->recall(in.conversation, clock, out); }
  void operator()(const from_counselor::ask_team&) { console->ask_team(out); }
  void operator()(const from_counselor::invite& in) { console->invite(in, clock, out); }
  void operator()(const from_counselor::withdraw_invitation& in) {
    console->withdraw_invitation(in.conversation, clock, out);
  }
  void operator()(const from_counselor::answer_colleague& in) {
    console->answer_colleague(in.conversation, in.yes, clock, out);
  }
  void operator()(const from_counselor::take_letter&) { console->take_letter(out); }
  void operator()(const from_counselor::answer_letter& in) { console->answer_letter(in, out); }
  void operator()(const from_counselor::put_letter& in) { console->put_letter(in, out); }
  void operator()(const from_counselor::end& in) { console->end(in.conversation, clock, out); }
};

}  // namespace

crypto::secret_bytes carry_out(bytes_view command) {
  const auto said = decode_counselor_command(command);
  const bool begins = said && std::holds_alternative<from_counselor::begin>(said->command);
  if (!said || begins == console.has_value()) return {};
  output out;
  std::visit(performer{said->clock, out}, said->command);
  return encode_for_counselor(out);
}

}  // namespace tomoshibi::core
