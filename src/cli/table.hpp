// Rows of a query for people and for programs.
#pragma once

#include <string>

#include "database.hpp"

namespace pbonus {

// Aligned columns under their names.
std::string table_text(const Rows &rows);
// A figure of a summary, behind its name.
std::string figure_text(const std::string &name, const std::string &value);
// An array of objects. Whole numbers and truth values are JSON's own; decimals are texts, so that none is rounded.
std::string json_rows(const Rows &rows);

// Answers one below the other, each under its name; as JSON one object.
class Answers {
   public:
    explicit Answers(bool json) : json_(json) {}
    void add(const std::string &name, const Rows &rows);
    void print() const;

   private:
    bool json_;
    std::string text_;
};

}  // namespace pbonus
