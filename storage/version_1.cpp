#include "storage/version_1.hpp"

#include <map>

#include "crypto/kdf.hpp"
#include "storage/sealing.hpp"

namespace tomoshibi::storage {

namespace {

bytes name_conversation(bytes_view row) { return writer().put("storage/conversation/1").put(row).finish(); }

bytes name_mail(bytes_view row, std::int64_t to, std::int64_t number) {
  return writer()
      .put("storage/mail/1")
      .put(row)
      .number(static_cast<byte>(to))
      .number(static_cast<std::uint64_t>(number))
      .finish();
}

}  // namespace

std::vector<stored_conversation> load_version_1(const database& db, const crypto::secret<32>& storage_key) {
  const auto key = crypto::hkdf_expand<32>(storage_key, as_bytes("storage/value"));
  std::vector<stored_conversation> out;
  std::map<std::int64_t, std::size_t> places;  // by id: the index in `out`
  statement conversations = db.prepare("SELECT id, row_key, sealed FROM conversation");
  while (conversations.next()) {
    const auto plain = open_value(key, conversations.blob(2), name_conversation(conversations.blob(1)));
    auto opened = plain ? read_conversation(*plain) : std::nullopt;
    if (!opened) throw std::runtime_error("a conversation does not open; the file is damaged");
    places.emplace(conversations.number(0), out.size());
    out.push_back(std::move(*opened));
  }
  statement mail = db.prepare(
      "SELECT c.id, c.row_key, m.direction, m.number, m.sealed FROM mail m JOIN conversation c ON c.id = "
      "m.conversation "
      "ORDER BY c.id, m.direction, m.number");
  while (mail.next()) {
    const auto value = open_value(key, mail.blob(4), name_mail(mail.blob(1), mail.number(2), mail.number(3)));
    if (!value) throw std::runtime_error("a mail does not open; the file is damaged");
    out[places.at(mail.number(0))].mail.push_back({static_cast<direction>(mail.number(2)),
                                                   static_cast<std::uint64_t>(mail.number(3)),
                                                   bytes(value->begin(), value->end())});
  }
  return out;
}

}  // namespace tomoshibi::storage
