/// Who knows one service knows the others: same folders, same files, a page with the same headings.
struct ServiceShape {
    /// Paths from the root.
    let paths: [String]
    let read: (String) throws -> String

    private static let demanded = [
        "README.md", "Main/main.swift", "Service/Configuration.swift", "Service/HTTP/openapi.json",
    ]

    /// Folders of `Service`, and those one service alone has.
    private static let folders: Set<String> = [
        "UseCases", "Consumers", "Announcements", "HTTP", "Persistence", "Jobs", "Migrations",
    ]
    private static let ownFolders: [String: Set<String>] = [
        "Reconciliation": ["Statements", "Exports"], "Notification": ["Templates"],
        "Invoicing": ["Imports", "Documents"],
    ]

    var services: [String] {
        let names = paths.filter { $0.hasPrefix("Services/") && $0.contains("/Domain/") }.map { part($0, 1) }
        return Set(names).sorted()
    }

    func breaches() throws -> [Breach] {
        try services.flatMap { missing($0) + strangers($0) } + headings()
    }

    private func missing(_ service: String) -> [Breach] {
        let files = ServiceShape.demanded + ["Service/\(service).swift"]
        let absent = files.filter { !paths.contains("Services/\(service)/\($0)") }.map {
            Breach("Services/\(service)", "has no \($0)")
        }
        let empty = ["Service/Migrations/", "Service/Persistence/", "Service/HTTP/"].filter { folder in
            !paths.contains { $0.hasPrefix("Services/\(service)/\(folder)") }
        }
        return absent + empty.map { Breach("Services/\(service)", "has nothing in \($0)") }
    }

    private func strangers(_ service: String) -> [Breach] {
        let allowed = ServiceShape.folders.union(ServiceShape.ownFolders[service] ?? [])
        let found = paths.filter { $0.hasPrefix("Services/\(service)/Service/") && $0.split(separator: "/").count > 4 }
        return Set(found.map { part($0, 3) }).subtracting(allowed).sorted().map {
            Breach("Services/\(service)/Service/\($0)", "is a folder the other services do not have")
        }
    }

    private func headings() throws -> [Breach] {
        let pages = services.map { "Services/\($0)/README.md" }.filter(paths.contains)
        guard let first = pages.first else { return [] }
        let expected = try headings(of: first)
        return try pages.dropFirst().compactMap { page in
            let found = try headings(of: page)
            return found == expected ? nil : Breach(page, "has the headings \(found), \(first) has \(expected)")
        }
    }

    private func headings(of page: String) throws -> [String] {
        try read(page).split(separator: "\n").filter { $0.hasPrefix("## ") }.map { String($0.dropFirst(3)) }
    }

    private func part(_ path: String, _ index: Int) -> String {
        let parts = path.split(separator: "/")
        return parts.indices.contains(index) ? String(parts[index]) : ""
    }
}
