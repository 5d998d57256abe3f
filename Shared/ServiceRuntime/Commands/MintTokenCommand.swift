import ArgumentParser
import HTTPServer
import PaymentModel

struct MintTokenCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "mint-token", abstract: "Make a token, or the keys that sign and verify tokens.",
            discussion: """
                With --generate-keys, writes private-key.json, which only those who mint may read, and \
                public-keys.json for QUITTANCE_TOKEN_KEYS_FILE of the services. Run again with --rotate, it adds a \
                new key and keeps the old one valid.
                """)
    }

    @Option(help: "Folder to write a new pair of keys to.")
    var generateKeys: String?

    @Flag(help: "Add a key to those in the folder; the new one signs from now on.")
    var rotate = false

    @Option(help: "File of the private key.")
    var privateKeyFile: String?

    @Option(help: "Id of the organisation.")
    var organisation: String?

    @Option(help: "Ids of the clinics separated by commas, or * for all of them.")
    var clinics = "*"

    @Option(help: "One of manager, front-desk, accountant, service.")
    var role: String?

    @Option(help: "Scopes separated by commas, such as invoices:read,invoices:write.")
    var scopes = ""

    @Option(help: "Opaque id of the person or program.")
    var subject = "operator"

    @Option(help: "How long it is valid, such as 30m or 8h.")
    var lifetime = "1h"

    @Option(help: "Who makes it.")
    var issuer = StandardSettings.tokenIssuer.standard ?? "quittance"

    @Option(help: "Whom it is for.")
    var audience = StandardSettings.tokenAudience.standard ?? "quittance"

    func run() async throws {
        if let generateKeys {
            let files = KeyFiles(folder: generateKeys)
            print(try rotate ? files.rotate() : files.generate())
            return
        }
        guard let privateKeyFile else { throw ValidationError("Give --private-key-file, or --generate-keys.") }
        let key = try SigningKey(jwk: try Environment.contents(of: privateKeyFile))
        guard let lifetime = DurationText.parse(lifetime), lifetime > .zero else {
            throw ValidationError("\(lifetime) is not a time such as 30m or 8h.")
        }
        let rules = TokenRules(issuer: issuer, audience: audience)
        print(try await key.mint(try principal(), rules: rules, from: TimeSource.system.now(), lifetime: lifetime))
    }

    private func principal() throws -> Principal {
        guard let organisation = organisation.flatMap({ OrganisationID($0) }) else {
            throw ValidationError("Give --organisation, the id of an organisation.")
        }
        guard let role = role.flatMap({ Role(rawValue: $0) }) else {
            throw ValidationError("Give --role, one of \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return Principal(
            subject: subject, organisation: organisation, clinics: try clinicAccess(), role: role,
            scopes: try scopeSet())
    }

    private func scopeSet() throws -> Set<Scope> {
        do throws(UnknownScopes) {
            return try Scope.reading(scopes)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    private func clinicAccess() throws -> ClinicAccess {
        guard clinics != "*" else { return .all }
        let ids = clinics.split(separator: ",").map { ClinicID(String($0)) }
        guard ids.allSatisfy({ $0 != nil }) else { throw ValidationError("--clinics has something that is no id.") }
        return .some(Set(ids.compactMap { $0 }))
    }
}
