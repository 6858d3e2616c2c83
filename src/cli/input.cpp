#include "input.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <vector>

#include "failure.hpp"

namespace pbonus {

namespace {

const char *const ends_early = "compressed file ends early";

[[noreturn]] void refuse(std::string what, std::string detail, std::string hint)
{
    throw Failure(Exit::refused, {std::move(what), std::move(detail), std::move(hint), ""});
}

// A file as it lies there. What was looked at ahead is given again.
class RawInput {
   public:
    explicit RawInput(const std::string &path)
        : file_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)), owned_(path != "-")
    {
        if (file_ < 0) throw Failure(Exit::refused, words_of_system("file cannot be opened"));
    }
    RawInput(const RawInput &) = delete;
    RawInput &operator=(const RawInput &) = delete;
    ~RawInput()
    {
        if (owned_) ::close(file_);
    }

    std::size_t read(char *room, std::size_t size)
    {
        for (;;) {
            const ssize_t count = ::read(file_, room, size);
            if (count >= 0) return taken_ += static_cast<std::size_t>(count), static_cast<std::size_t>(count);
            if (errno != EINTR) throw Failure(Exit::refused, words_of_system("file cannot be read"));
        }
    }
    std::size_t taken() const noexcept { return taken_; }

   private:
    int file_;
    bool owned_;
    std::size_t taken_ = 0;
};

using Raw = std::unique_ptr<RawInput>;

class PlainInput : public Input {
   public:
    PlainInput(Raw raw, std::string start) : raw_(std::move(raw)), start_(std::move(start)), room_(chunk_bytes) {}
    std::size_t bytes_taken() const noexcept override { return raw_->taken(); }

   private:
    std::string_view read() override
    {
        if (!start_given_) {
            start_given_ = true;
            if (!start_.empty()) return start_;
        }
        return {room_.data(), raw_->read(room_.data(), room_.size())};
    }

    Raw raw_;
    std::string start_;
    bool start_given_ = false;
    std::vector<char> room_;
};

class GzipInput : public Input {
   public:
    GzipInput(Raw raw, const std::string &start) : raw_(std::move(raw)), packed_(start.begin(), start.end()), room_(chunk_bytes)
    {
        packed_.resize(chunk_bytes);
        stream_.next_in = reinterpret_cast<Bytef *>(packed_.data());
        stream_.avail_in = static_cast<uInt>(start.size());
        constexpr int gzip_only = 16 + MAX_WBITS;
        if (inflateInit2(&stream_, gzip_only) != Z_OK) throw std::bad_alloc();
    }
    ~GzipInput() override { inflateEnd(&stream_); }
    std::size_t bytes_taken() const noexcept override { return raw_->taken() - stream_.avail_in; }

   private:
    // A gzip file is one member or several, one behind the other.
    std::string_view read() override
    {
        stream_.next_out = reinterpret_cast<Bytef *>(room_.data());
        stream_.avail_out = static_cast<uInt>(room_.size());
        while (stream_.avail_out == room_.size()) {
            if (stream_.avail_in == 0) {
                stream_.next_in = reinterpret_cast<Bytef *>(packed_.data());
                stream_.avail_in = static_cast<uInt>(raw_->read(packed_.data(), packed_.size()));
            }
            if (stream_.avail_in == 0) {
                if (!in_member_) break;
                refuse(ends_early, "The gzip data are cut off after " + std::to_string(raw_->taken()) + " bytes.",
                       "Was the copy interrupted? Fetch the file again. Nothing of it was loaded.");
            }
            in_member_ = true;
            const int status = inflate(&stream_, Z_NO_FLUSH);
            if (status == Z_STREAM_END) {
                in_member_ = false;
                inflateReset(&stream_);
            } else if (status != Z_OK && status != Z_BUF_ERROR) {
                refuse("compressed file is damaged", std::string("gzip: ") + (stream_.msg ? stream_.msg : "bad data") + '.',
                       "Fetch the file again. Nothing of it was loaded.");
            }
        }
        return {room_.data(), room_.size() - stream_.avail_out};
    }

    Raw raw_;
    std::vector<char> packed_;
    std::vector<char> room_;
    z_stream stream_{};
    bool in_member_ = false;
};

class ZstdInput : public Input {
   public:
    ZstdInput(Raw raw, const std::string &start) : raw_(std::move(raw)), packed_(start.begin(), start.end()), room_(chunk_bytes)
    {
        packed_.resize(chunk_bytes);
        in_ = {packed_.data(), start.size(), 0};
        if (!stream_) throw std::bad_alloc();
    }
    std::size_t bytes_taken() const noexcept override { return raw_->taken() - (in_.size - in_.pos); }

   private:
    std::string_view read() override
    {
        ZSTD_outBuffer out{room_.data(), room_.size(), 0};
        while (out.pos == 0) {
            if (in_.pos == in_.size) {
                in_ = {packed_.data(), raw_->read(packed_.data(), packed_.size()), 0};
                if (in_.size == 0 && !in_frame_) break;
            }
            const bool at_end = in_.size == 0;
            const std::size_t left = ZSTD_decompressStream(stream_.get(), &out, &in_);
            if (ZSTD_isError(left))
                refuse("compressed file is damaged", std::string("zstd: ") + ZSTD_getErrorName(left) + '.',
                       "Fetch the file again. Nothing of it was loaded.");
            in_frame_ = left != 0;
            if (at_end && out.pos == 0)
                refuse(ends_early, "The zstd data are cut off after " + std::to_string(raw_->taken()) + " bytes.",
                       "Was the copy interrupted? Fetch the file again. Nothing of it was loaded.");
        }
        return {room_.data(), out.pos};
    }

    struct Free {
        void operator()(ZSTD_DStream *stream) const { ZSTD_freeDStream(stream); }
    };
    Raw raw_;
    std::vector<char> packed_;
    std::vector<char> room_;
    std::unique_ptr<ZSTD_DStream, Free> stream_{ZSTD_createDStream()};
    ZSTD_inBuffer in_{};
    bool in_frame_ = false;
};

}  // namespace

struct Input::Hash {
    Hash()
    {
        if (!context || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
    }
    Hash(const Hash &) = delete;
    Hash &operator=(const Hash &) = delete;
    ~Hash() { EVP_MD_CTX_free(context); }

    EVP_MD_CTX *context = EVP_MD_CTX_new();
};

Input::Input() : hash_(std::make_shared<Hash>()) {}

std::string_view Input::next()
{
    const std::string_view chunk = read();
    EVP_DigestUpdate(hash_->context, chunk.data(), chunk.size());
    return chunk;
}

Sha256 Input::sha256() const
{
    Sha256 digest{};
    Hash copy;  // finishing a digest ends it
    EVP_MD_CTX_copy_ex(copy.context, hash_->context);
    EVP_DigestFinal_ex(copy.context, digest.data(), nullptr);
    return digest;
}

std::unique_ptr<Input> Input::open(const std::string &path)
{
    auto raw = std::make_unique<RawInput>(path);
    std::string start(4, '\0');
    std::size_t size = 0;
    for (std::size_t more = 1; more > 0 && size < start.size(); size += more) more = raw->read(start.data() + size, start.size() - size);
    start.resize(size);
    if (start.starts_with("\x1f\x8b")) return std::make_unique<GzipInput>(std::move(raw), start);
    if (start == "\x28\xb5\x2f\xfd") return std::make_unique<ZstdInput>(std::move(raw), start);
    return std::make_unique<PlainInput>(std::move(raw), std::move(start));
}

}  // namespace pbonus
