#include "crypto/letter.hpp"

#include <set>

#include "crypto/aead.hpp"
#include "crypto/hpke.hpp"
#include "crypto/kdf.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr byte version = 1;
constexpr std::string_view slot_tag = "t1/slot", letter_tag = "t1/letter", reply_tag = "t1/reply";
constexpr std::size_t slots_bytes = letter_slots * letter_slot_bytes;
constexpr std::size_t enc_bytes = std::tuple_size_v<kem_ciphertext>;

static_assert(letter_short_bytes == 17605 && letter_long_bytes == 42181 && reply_bytes == 9345);
static_assert(letter_slot_bytes == enc_bytes + secret<32>::size() + hpke_tag_bytes);

std::unexpected<failure> refused(failure why) { return std::unexpected(why); }

bytes write_head(const letter_head& head) {
  return writer(letter_head_bytes).number(version).put(head.id).number(head.day).put(head.roster_hash).finish();
}

bytes slot_info(const letter_head& head) {
  return writer().put(slot_tag).put(head.id).number(head.day).put(head.roster_hash).finish();
}

bytes reply_info(const letter_id& id) { return writer().put(reply_tag).put(id).finish(); }

// --- text at the end of a body: length4 | UTF-8 | zeros ---

void write_text(secret_writer& out, bytes_view text, std::size_t size) {
  out.number(static_cast<std::uint32_t>(text.size())).put(text).pad_to(size);
}

std::optional<secret_bytes> read_text(reader& in) {
  const bytes_view text = in.view(in.number<std::uint32_t>());
  in.zeros(in.left());
  if (!in.complete() || !is_utf8(text)) return std::nullopt;
  return secret_bytes(text.begin(), text.end());
}

// --- the body ---

secret_bytes write_body(const letter_content& content) {
  const std::size_t size =
      content.text.size() <= letter_text_short_bytes_max ? letter_body_short_bytes : letter_body_long_bytes;
  const answer_keys none{};
  const answer_keys& keys = content.answer ? *content.answer : none;
  secret_writer out(size);
  out.number(content.language).number(static_cast<byte>(content.answer ? 1 : 0)).put(keys.with.view()).put(keys.to);
  write_text(out, content.text, size);
  return out.finish();
}

result<letter_content> read_body(bytes_view body) {
  reader in(body);
  letter_content out;
  out.language = in.number<byte>();
  const byte answer = in.number<byte>();
  if (answer > 1) return refused(failure::malformed);
  if (answer == 1) {
    const bytes_view with = in.view(psk::size());
    if (!in.ok()) return refused(failure::malformed);
    out.answer = answer_keys{psk(with.first<32>()), in.take<1216>()};
  } else {
    in.zeros(psk::size() + std::tuple_size_v<kem_public_key>);
  }
  auto text = read_text(in);
  if (!text) return refused(failure::malformed);
  out.text = *std::move(text);
  return out;
}

struct body_keys {
  secret<32> key;
  aead_nonce nonce{};
};

body_keys make_body_keys(bytes_view content_key) {
  const auto both = hkdf_expand<56>(hkdf_extract({}, {content_key}), as_bytes(letter_tag));
  return {secret<32>(both.view().first<32>()), reader(both.view().last<24>()).take<24>()};
}

// --- slots ---

using slot = bytes;  // letter_slot_bytes

result<slot> seal_slot(const kem_public_key& to, bytes_view info, const secret<32>& content_key,
                       random_source& random) {
  const auto box = hpke_seal(to, info, content_key.view(), random);
  if (!box) return refused(box.error());
  return writer(letter_slot_bytes).put(box->enc).put(box->sealed).finish();
}

// As many readers' slots as there is room for, in the order that the letter's id gives them.
std::vector<slot> seal_slots(const letter_head& head, std::span<const reader_key> readers,
                             const secret<32>& content_key, random_source& random) {
  const auto place = [&](const reader_key& of) { return sha256({as_bytes(slot_tag), head.id, of.certificate_hash}); };
  std::vector<reader_key> ordered(readers.begin(), readers.end());
  std::ranges::sort(ordered, {}, place);
  std::vector<slot> out;
  for (const reader_key& each : ordered) {
    if (out.size() == letter_slots) break;
    auto sealed = seal_slot(each.key, slot_info(head), content_key, random);
    if (sealed) out.push_back(*std::move(sealed));  // else the key is none
  }
  return out;
}

// Nobody can tell it from a reader's.
slot seal_empty_slot(const letter_head& head, random_source& random) {
  const kem_public_key to = make_kem_key(random).public_key;
  return *seal_slot(to, slot_info(head), random.make_secret<32>(), random);
}

std::optional<secret_bytes> open_slots(bytes_view slots, const letter_head& head, const kem_secret_key& key) {
  reader in(slots);
  for (std::size_t i = 0; i < letter_slots; ++i) {
    const auto enc = in.take<enc_bytes>();
    auto opened = hpke_open(enc, in.view(letter_slot_bytes - enc_bytes), slot_info(head), key);
    if (opened) return *std::move(opened);
  }
  return std::nullopt;
}

// --- readers ---

std::optional<failure> not_of_now(local_day day, seconds now) {
  const seconds today = now / 86400;
  if (day > today + 1) return failure::not_yet_valid;
  if (day + seconds{1} < today) return failure::expired;
  return std::nullopt;
}

bool may_read(const certificate& holder, const hash32& certificate_hash, const trust& believed, const desk_id& desk) {
  const roster::entry* listed = believed.listed.find(certificate_hash);
  return (holder.holder == role::counselor || holder.holder == role::supervisor) && holder.desk == desk && listed &&
         (listed->flags & roster::flag_reads_letters) != 0;
}

}  // namespace

result<std::vector<reader_key>> choose_readers(std::span<const reader_shown> shown, const trust& believed,
                                               const desk_id& desk, local_day day, seconds now) {
  if (const auto why = not_of_now(day, now)) return refused(*why);
  std::vector<reader_key> out;
  std::set<sign_public_key> taken;
  for (const reader_shown& each : shown) {
    const hash32 certificate_hash = sha256(each.certificate);
    const auto holder = believed.check(each.certificate, now);
    if (!holder || !may_read(*holder, certificate_hash, believed, desk)) continue;
    const auto key = open_inbox_key(each.inbox_key, holder->sign_key);
    if (!key || key->certificate_hash != certificate_hash || key->day != day) continue;
    if (taken.insert(holder->sign_key).second) out.push_back({certificate_hash, key->key});
  }
  if (out.size() < letter_readers_least) return refused(failure::not_listed);
  return out;
}

result<bytes> seal_letter(const letter_head& head, const letter_content& content, std::span<const reader_key> readers,
                          random_source& random) {
  if (content.text.size() > letter_text_bytes_max) return refused(failure::out_of_bounds);
  if (!is_utf8(content.text)) return refused(failure::malformed);
  const auto content_key = random.make_secret<32>();
  std::vector<slot> slots = seal_slots(head, readers, content_key, random);
  if (slots.size() < letter_readers_least) return refused(failure::not_listed);
  while (slots.size() < letter_slots) slots.push_back(seal_empty_slot(head, random));

  writer out(letter_long_bytes);
  out.put(write_head(head));
  for (const slot& each : slots) out.put(each);
  bytes letter = out.finish();
  const body_keys keys = make_body_keys(content_key.view());
  const bytes body = seal(keys.key, keys.nonce, write_body(content), letter);
  letter.insert(letter.end(), body.begin(), body.end());
  return letter;
}

result<letter_head> read_letter_head(bytes_view letter) {
  reader in(letter);
  const bool right_length = letter.size() == letter_short_bytes || letter.size() == letter_long_bytes;
  if (!right_length || in.number<byte>() != version) return refused(failure::malformed);
  letter_head out;
  out.id = in.take<16>();
  out.day = in.number<local_day>();
  out.roster_hash = in.take<32>();
  return out;
}

result<letter_content> open_letter(bytes_view letter, const letter_id& id, const inbox& keys) {
  const auto head = read_letter_head(letter);
  if (!head) return refused(head.error());
  if (head->id != id) return refused(failure::wrong_binding);
  const kem_secret_key* key = keys.find(head->day);
  if (!key) return refused(failure::expired);

  const bytes_view before_body = letter.first(letter_head_bytes + slots_bytes);
  const auto content_key = open_slots(before_body.last(slots_bytes), *head, *key);
  if (!content_key) return refused(failure::cannot_open);
  const body_keys from = make_body_keys(*content_key);
  const auto body = open(from.key, from.nonce, letter.subspan(before_body.size()), before_body);
  if (!body) return refused(body.error());
  return read_body(*body);
}

result<bytes> seal_reply(const letter_id& id, const answer_keys& answer, const reply_content& content,
                         random_source& random) {
  if (content.text.size() > reply_text_bytes_max) return refused(failure::out_of_bounds);
  if (!is_alias(content.alias) || !is_utf8(content.text)) return refused(failure::malformed);
  secret_writer plain(reply_plain_bytes);
  plain.number(content.language);
  write_alias(plain, content.alias);
  write_text(plain, content.text, reply_plain_bytes);
  const auto box = hpke_seal(answer.to, reply_info(id), plain.finish(), random, &answer.with);
  if (!box) return refused(box.error());
  return writer(reply_bytes).number(version).put(id).put(box->enc).put(box->sealed).finish();
}

result<reply_content> open_reply(bytes_view reply, const letter_id& id, const kem_secret_key& key, const psk& with) {
  reader in(reply);
  if (reply.size() != reply_bytes || in.number<byte>() != version) return refused(failure::malformed);
  if (in.take<16>() != id) return refused(failure::wrong_binding);
  const auto enc = in.take<enc_bytes>();
  const auto plain = hpke_open(enc, in.rest(), reply_info(id), key, &with);
  if (!plain) return refused(failure::cannot_open);

  reader said(*plain);
  reply_content out;
  out.language = said.number<byte>();
  auto alias = read_alias(said);
  auto text = read_text(said);
  if (!alias || !text) return refused(failure::malformed);
  out.alias = *std::move(alias);
  out.text = *std::move(text);
  return out;
}

}  // namespace tomoshibi::crypto
