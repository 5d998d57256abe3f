import JWTKit
import PaymentModel

/// What a token says about its bearer.
struct TokenClaims: JWTPayload {
    let sub: String
    let org: String
    let clinics: [String]
    let role: String
    let scopes: [String]
    let exp: Int64
    let nbf: Int64?
    let iat: Int64?
    let iss: String
    let aud: AudienceClaim

    /// Time, issuer and audience are checked by ``TokenVerifier``, which knows what they should be.
    func verify(using algorithm: some JWTAlgorithm) {}

    /// In `clinics`, stands for all of them.
    static let allClinics = "*"

    init(_ principal: Principal, issuer: String, audience: String, from: Instant, until: Instant) {
        sub = principal.subject
        org = principal.organisation.description
        clinics = Self.clinics(principal.clinics)
        role = principal.role.rawValue
        scopes = principal.scopes.map(\.name).sorted()
        exp = until.secondsSince1970
        nbf = from.secondsSince1970
        iat = from.secondsSince1970
        iss = issuer
        aud = AudienceClaim(value: [audience])
    }

    /// The bearer; nil when a claim is not what it should be.
    var principal: Principal? {
        guard let organisation = OrganisationID(org), let role = Role(rawValue: role), let access = clinicAccess,
            !sub.isEmpty, sub.utf8.count <= 200
        else { return nil }
        return Principal(
            subject: sub, organisation: organisation, clinics: access, role: role,
            scopes: Set(scopes.map { Scope($0) }))
    }

    private var clinicAccess: ClinicAccess? {
        guard clinics != [Self.allClinics] else { return .all }
        let ids = clinics.compactMap { ClinicID($0) }
        return ids.count == clinics.count ? .some(Set(ids)) : nil
    }

    private static func clinics(_ access: ClinicAccess) -> [String] {
        switch access {
        case .all: [allClinics]
        case .some(let clinics): clinics.map(\.description).sorted()
        }
    }
}
