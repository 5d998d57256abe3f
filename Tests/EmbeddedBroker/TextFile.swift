import ArgumentParser
import Glibc

/// Small texts, written at once: standard output would keep them back when it is a pipe.
enum TextFile {
    static func print(_ line: String) { writeAll(line + "\n", to: STDOUT_FILENO) }

    static func write(_ text: String, to path: String) throws {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard file >= 0 else { throw ValidationError("\(path) cannot be written") }
        writeAll(text, to: file)
        close(file)
    }

    /// The file's lines without comments and blanks.
    static func lines(_ path: String) throws -> [String] {
        guard let file = unsafe fopen(path, "r") else { throw ValidationError("\(path) cannot be read") }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = unsafe fgetc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { String($0.prefix { $0 != "#" }.filter { !$0.isWhitespace }) }
            .filter { !$0.isEmpty }
    }

    private static func writeAll(_ text: String, to file: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
