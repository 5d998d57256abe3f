import Foundation

/// The files of the checkout the tests were built from.
enum Checkout {
    static let root: URL = {
        // …/Tests/EndToEnd/Checkout.swift
        let parts = #filePath.split(separator: "/").dropLast(3)
        return URL(filePath: "/" + parts.joined(separator: "/"))
    }()

    static func url(_ path: String) -> URL { root.appending(path: path) }
}
