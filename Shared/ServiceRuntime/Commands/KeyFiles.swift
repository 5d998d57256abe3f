import HTTPServer
import PaymentModel
import SystemPackage

/// The files of keys: one private key that signs, the public keys of all that are still valid.
struct KeyFiles {
    private let privateKey: FilePath
    private let publicKeys: FilePath

    init(folder: String) {
        privateKey = FilePath(folder).appending("private-key.json")
        publicKeys = FilePath(folder).appending("public-keys.json")
    }

    /// Writes a first pair; one that is there is never written over.
    func generate() throws -> String {
        let key = try Self.newKey()
        try write(key.privateKeyText, to: privateKey, .ownerReadWrite, replacing: false)
        try write(key.publicKeySet, to: publicKeys, Self.readable, replacing: false)
        return report(key)
    }

    /// Adds a pair; tokens of the old one stay valid as long as its public key is in the file.
    func rotate() throws -> String {
        let known = try KeySet(jwks: try Environment.contents(of: publicKeys.string))
        let key = try Self.newKey()
        try write(known.adding(key).text, to: publicKeys, Self.readable, replacing: true)
        try write(key.privateKeyText, to: privateKey, .ownerReadWrite, replacing: true)
        return report(key)
    }

    private static let readable: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]

    private static func newKey() throws -> SigningKey {
        try SigningKey.generate(id: IdentifierSource.system.next().uuidText)
    }

    private func report(_ key: SigningKey) -> String {
        "key \(key.id)\n  signs with \(privateKey)\n  is verified with \(publicKeys)"
    }

    private func write(
        _ text: String, to path: FilePath, _ permissions: FilePermissions, replacing: Bool
    ) throws {
        let options: FileDescriptor.OpenOptions = replacing ? [.create, .truncate] : [.create, .exclusiveCreate]
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(path, .writeOnly, options: options, permissions: permissions)
        } catch Errno.fileExists {
            throw KeyFileError(description: "\(path) exists; add a key with --rotate, or choose another folder")
        } catch {
            throw KeyFileError(description: "\(path) can't be written: \(error)")
        }
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }
}

/// Why a file of keys was not written.
struct KeyFileError: Error, CustomStringConvertible {
    let description: String
}
