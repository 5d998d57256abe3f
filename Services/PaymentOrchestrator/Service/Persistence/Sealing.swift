import Crypto
import FoundationEssentials
import Observability
import PaymentModel

/// A secret text as it is stored.
struct SealedText: Hashable, Sendable {
    /// Nonce, ciphertext and tag.
    let bytes: [UInt8]
    /// Which key sealed it.
    let keyID: String
}

/// Seals what must not be read in a dump of the database: provider keys and the tokens of links.
///
/// AES-GCM with 256 bits; each text is bound to the id of its row, so that one cannot be put in another's place.
struct Sealer: Sendable {
    /// Why a text cannot be opened, or the keys be used.
    enum Failure: Error, Hashable, Sendable {
        case keysMalformed(String)
        case keyUnknown(String)
        case notOpened
    }

    private let keys: [String: SymmetricKey]
    /// The key that seals now.
    let current: String

    /// Reads keys as `name:base64`, one a line; the first seals, the others only open what they sealed before.
    init(keys text: Secret) throws(Failure) {
        var keys: [String: SymmetricKey] = [:]
        var first: String?
        for line in text.reveal().split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2, let bytes = Data(base64Encoded: parts[1]), bytes.count == 32 else {
                throw .keysMalformed("each line must be a name, a colon and 32 bytes in base 64")
            }
            guard keys.updateValue(SymmetricKey(data: bytes), forKey: parts[0]) == nil else {
                throw .keysMalformed("two keys have the name \(parts[0])")
            }
            first = first ?? parts[0]
        }
        guard let first else { throw .keysMalformed("there is no key") }
        self.keys = keys
        self.current = first
    }

    /// Seals a text for the row of that id.
    func seal(_ text: Secret, for row: some Identifier) throws -> SealedText {
        guard let key = keys[current] else { throw Failure.keyUnknown(current) }
        let box = try AES.GCM.seal(Data(text.reveal().utf8), using: key, authenticating: Data(row.description.utf8))
        guard let combined = box.combined else { throw Failure.notOpened }
        return SealedText(bytes: [UInt8](combined), keyID: current)
    }

    /// Opens what was sealed for the row of that id.
    func open(_ sealed: SealedText, of row: some Identifier) throws(Failure) -> Secret {
        guard let key = keys[sealed.keyID] else { throw .keyUnknown(sealed.keyID) }
        do {
            let box = try AES.GCM.SealedBox(combined: sealed.bytes)
            let text = try AES.GCM.open(box, using: key, authenticating: Data(row.description.utf8))
            return Secret(String(decoding: text, as: UTF8.self))
        } catch {
            // Why it failed says nothing more than that key, row or bytes do not belong together.
            throw .notOpened
        }
    }
}

// MARK: Codes

extension Sealer {
    /// Six digits for the row of that id, which only holders of the key can work out: they are stored nowhere.
    func digits(for row: some Identifier, with keyID: String) throws(Failure) -> Secret {
        let bytes = Array(try authentication(of: "code \(row)", with: keyID))
        let number = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % 1_000_000
        let digits = String(number)
        return Secret(String(repeating: "0", count: 6 - digits.count) + digits)
    }

    /// What digits are known again by; without the key a million guesses lead nowhere.
    func fingerprint(of digits: String, for row: some Identifier, with keyID: String) throws(Failure) -> [UInt8] {
        Array(try authentication(of: "fingerprint \(row) \(digits)", with: keyID))
    }

    private func authentication(of text: String, with keyID: String) throws(Failure) -> HMAC<SHA256>.MAC {
        guard let key = keys[keyID] else { throw .keyUnknown(keyID) }
        // A key of its own: the one that seals does nothing else.
        let own = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Data("verification codes".utf8), outputByteCount: 32)
        return HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: own)
    }
}
