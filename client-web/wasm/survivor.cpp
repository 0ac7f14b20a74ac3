// survivor.wasm: the survivor's core, for the door and the talk. letters.wasm: the same, and letters.
#include "client-web/core/survivor.hpp"
#include "client-web/core/bridge.hpp"
#include "client-web/wasm/module.hpp"

namespace tomoshibi::core {
namespace {

constexpr bool has_letters = TOMOSHIBI_LETTERS;

crypto::system_random randomness;
std::optional<survivor> page;  // from `begin` on

struct performer {
  seconds clock;
  output& out;

  void operator()(const from_survivor::begin& on) {
    std::unique_ptr<letters> with;
    if constexpr (has_letters) with = std::make_unique<letters>(randomness);
    page.emplace(survivor_settings{on.root_fingerprint, on.desk, crypto::role::counselor, {}}, randomness, on.kept,
                 std::move(with));
    if (on.kept.empty() || page->returning()) return;
    out.tell(keep{});  // what was kept cannot be read: of another build, or damaged
    out.tell(ended{{}, ending::lost});
  }
  void operator()(const from_network::connected&) { page->connected(); }
  void operator()(const from_network::disconnected&) { page->disconnected(clock); }
  void operator()(const from_network::received& in) { page->received(in.message, clock, out); }
  void operator()(const from_network::fetched& in) { page->fetched(in.hash, in.object, clock, out); }
  void operator()(const from_network::tick&) { page->tick(clock, out); }
  void operator()(const from_survivor::enter&) { page->enter(clock, out); }
  void operator()(const from_survivor::say& in) {
    message_id id{};
    const said answer = page->say(as_words(in.text), in.written_in, clock, out, &id);
    out.tell(say_answered{in.reference, id, answer});
  }
  void operator()(const from_survivor::shown& in) { page->shown(in.id, clock, out); }
  void operator()(const from_survivor::recall&) { page->recall(clock, out); }
  void operator()(const from_survivor::answer_invitation& in) { page->answer_invitation(in.number, in.yes, clock, out); }
  void operator()(const from_survivor::end_company&) { page->end_company(clock, out); }
  void operator()(const from_survivor::ask_letters&) { page->ask_letters(out); }
  void operator()(const from_survivor::send_letter& in) { page->send_letter(in, clock, out); }
  void operator()(const from_survivor::fetch_replies& in) { page->fetch_replies(in, out); }
  void operator()(const from_survivor::make_phrase& in) {
    if constexpr (has_letters) out.tell(make_phrase(in, randomness));
  }
  void operator()(const from_survivor::read_phrase& in) {
    if constexpr (has_letters) out.tell(read_phrase(in));
  }
  void operator()(const from_survivor::end&) { page->end(clock, out); }
  void operator()(const from_survivor::exit&) { page->exit(clock, out); }
};

}  // namespace

crypto::secret_bytes carry_out(bytes_view command) {
  const auto said = decode_survivor_command(command);
  if (!said) return {};
  const bool apart = std::holds_alternative<from_survivor::make_phrase>(said->command) ||
                     std::holds_alternative<from_survivor::read_phrase>(said->command);
  const bool begins = std::holds_alternative<from_survivor::begin>(said->command);
  if ((apart || begins) == page.has_value() || (apart && !has_letters)) return {};
  output out;
  std::visit(performer{said->clock, out}, said->command);
  return encode_for_survivor(out);
}

}  // namespace tomoshibi::core
