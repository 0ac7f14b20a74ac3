// Two counselors on duty and a survivor in front of the door: where every test of the core begins.
#pragma once

#include <gmock/gmock.h>

#include "tests/core/world.hpp"

namespace tomoshibi::core {

class two_people : public testing::Test {
 protected:
  two_people() {
    for (std::size_t i = 0; i < 2; ++i) {
      counselors.push_back(in.make_counselor(i));
      on_duty(*counselors.back());
      counselors.back()->connect();
    }
    yuki = in.make_survivor();
    yuki->connect();
    in.settle();
  }

  static void on_duty(person<counselor>& who) {
    who.act([](counselor& c, seconds, output& out) { c.set_duty({true, true, 3}, out); });
  }
  void yuki_enters() {
    yuki->act([](survivor& s, seconds now, output& out) { s.enter(now, out); });
  }
  void yuki_ends() {
    yuki->act([](survivor& s, seconds now, output& out) { s.end(now, out); });
  }
  void hotaru_ends() {
    hotaru->act([&](counselor& c, seconds now, output& out) { c.end(talk, now, out); });
  }
  void enter() {
    yuki_enters();
    in.settle();
    find_hotaru();
  }
  // Whoever serves yuki is hotaru from then on.
  void find_hotaru() {
    for (auto& each : counselors)
      if (!each->seen<joined>().empty()) hotaru = each.get();
    if (hotaru != nullptr) talk = hotaru->seen<joined>().front().conversation;
  }
  said yuki_says(std::string_view text) {
    said answer{};
    yuki->act([&](survivor& s, seconds now, output& out) { answer = s.say(text, language::ja, now, out); });
    return answer;
  }
  said hotaru_says(std::string_view text) {
    said answer{};
    hotaru->act([&](counselor& c, seconds now, output& out) { answer = c.say(talk, text, language::ja, now, out); });
    return answer;
  }
  void yuki_recalls() {
    yuki->act([](survivor& s, seconds now, output& out) { s.recall(now, out); });
  }
  void hotaru_recalls() {
    hotaru->act([&](counselor& c, seconds now, output& out) { c.recall(talk, now, out); });
  }
  // Both are there and a text has gone each way.
  void begin() {
    enter();
    ASSERT_NE(hotaru, nullptr);
    turns(1);
  }
  void turns(int count) {
    for (int i = 0; i < count; ++i) {
      yuki_says("聞いてもらえますか");
      in.settle();
      hotaru_says("はい、どうぞ");
      in.settle();
    }
  }
  void reload_yuki() {
    yuki->reload();
    yuki->connect();
    in.settle();
  }
  void reload_hotaru() {
    hotaru->reload();
    on_duty(*hotaru);
    hotaru->connect();
    in.settle();
  }
  // What counts in the end: a text goes each way.
  void expect_that_they_talk() {
    static int count = 0;
    const std::string word = "word " + std::to_string(++count);
    EXPECT_EQ(yuki_says(word), said::yes);
    in.settle();
    EXPECT_EQ(hotaru_says(word), said::yes);
    in.settle();
    EXPECT_THAT(hotaru->texts(), testing::Contains(word).Times(1));
    EXPECT_THAT(yuki->texts(), testing::Contains(word).Times(1));
  }

  world in;
  std::vector<std::unique_ptr<person<counselor>>> counselors;
  std::unique_ptr<person<survivor>> yuki;
  person<counselor>* hotaru = nullptr;
  conversation_id talk{};
};

}  // namespace tomoshibi::core
