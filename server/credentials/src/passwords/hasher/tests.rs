use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use tokio::time::timeout;

use super::*;

const SOON: Duration = Duration::from_millis(50);
const LATE: Duration = Duration::from_secs(20);

fn password(text: &str) -> Password {
    Password::read(text.to_owned()).unwrap()
}

#[tokio::test]
async fn any_password_is_verified_whole() {
    let hasher = Hasher::new(2);
    for text in ["", "correct horse", "пароль 密码 🔑\0é", &"x".repeat(128), &"🔑".repeat(128)] {
        let hash = hasher.hash(&password(text)).await;

        assert!(hasher.verify(&password(text), Some(&hash)).await, "{text}");
        assert!(!hasher.verify(&password(&format!("{text}y")), Some(&hash)).await, "{text}");
    }
}

#[tokio::test]
async fn two_hashes_of_one_password_differ() {
    let hasher = Hasher::new(2);
    let (first, second) = (hasher.hash(&password("same")).await, hasher.hash(&password("same")).await);
    assert_ne!(first.as_str(), second.as_str());
}

#[tokio::test]
async fn a_hash_says_how_it_was_made_and_debug_does_not_show_it() {
    let hash = Hasher::new(1).hash(&password("hunter2hunter2")).await;
    assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
    assert_eq!(format!("{hash:?}"), "PasswordHash(…)");
}

#[tokio::test]
async fn a_hash_made_with_other_parameters_is_still_verified() {
    // The reference implementation's: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32
    let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    let hash = PasswordHash::stored(hash.to_owned());
    assert!(Hasher::new(1).verify(&password("password"), Some(&hash)).await);
}

#[tokio::test]
async fn nobody_has_a_password_and_finding_that_out_takes_the_same_work() {
    let hasher = Hasher::new(1);
    let real = phc::PasswordHash::new(hasher.hash(&password("somebody's")).await.as_str()).unwrap();

    assert_eq!((nobody().algorithm, nobody().version), (real.algorithm, real.version));
    assert_eq!(nobody().params, real.params);
    assert_eq!(nobody().salt.unwrap().len(), real.salt.unwrap().len());
    assert_eq!(nobody().hash.unwrap().len(), real.hash.unwrap().len());
    assert!(!hasher.verify(&password("somebody's"), None).await);
    let broken = PasswordHash::stored("!".to_owned());
    assert!(!hasher.verify(&password("somebody's"), Some(&broken)).await);
}

#[tokio::test]
async fn no_more_than_allowed_are_hashed_at_once() {
    let hasher = Hasher::new(2);
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let work = || {
        let (running, most) = (Arc::clone(&running), Arc::clone(&most));
        hasher.in_turn(move || {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(SOON);
            running.fetch_sub(1, Ordering::SeqCst);
        })
    };

    tokio::join!(work(), work(), work(), work(), work(), work());

    assert_eq!(most.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn hashing_and_verifying_wait_their_turn_and_giving_up_leaves_it() {
    let hasher = Hasher::new(1);
    let taken = Arc::clone(&hasher.turns).acquire_owned().await.unwrap();

    assert!(timeout(SOON, hasher.hash(&password("patience"))).await.is_err());
    assert!(timeout(SOON, hasher.verify(&password("patience"), None)).await.is_err());
    drop(taken);

    assert_eq!(hasher.turns.available_permits(), 1);
    assert!(timeout(LATE, hasher.hash(&password("patience"))).await.is_ok());
}

#[tokio::test]
async fn work_nobody_waits_for_keeps_its_turn_until_it_ends() {
    let hasher = Hasher::new(1);
    let (finish, finished) = mpsc::channel::<()>();

    assert!(timeout(SOON, hasher.in_turn(move || finished.recv())).await.is_err());
    assert_eq!(hasher.turns.available_permits(), 0);
    finish.send(()).unwrap();

    assert!(timeout(LATE, hasher.turns.acquire()).await.is_ok());
}

#[test]
fn a_hasher_without_turns_would_wait_for_ever_and_has_one() {
    assert_eq!(Hasher::new(0).turns.available_permits(), 1);
    assert_eq!(Hasher::new(usize::MAX).turns.available_permits(), Semaphore::MAX_PERMITS);
}

#[tokio::test]
async fn memory_is_lent_again_and_no_more_of_it_than_passwords_are_hashed_at_once() {
    let hasher = Hasher::new(2);
    let turns = (0..10)
        .map(|_| hasher.clone())
        .map(|hasher| tokio::spawn(async move { hasher.verify(&password("a guess"), None).await }));
    for turn in turns.collect::<Vec<_>>() {
        assert!(!turn.await.unwrap());
    }
    let rooms = hasher.memory.rooms();
    assert!((1..=2).contains(&rooms.len()), "{}", rooms.len());
    assert!(rooms.iter().all(|room| room.len() == usize::try_from(MEMORY_KIB).unwrap()));
}

#[test]
fn what_was_hashed_before_does_not_change_a_hash() {
    let memory = Memory::default();
    let first = hash(&password("first"), &memory);
    let second = hash(&password("second"), &memory);
    for memory in [&memory, &Memory::default()] {
        assert!(verify(&password("first"), Some(&first), memory));
        assert!(verify(&password("second"), Some(&second), memory));
        assert!(!verify(&password("first"), Some(&second), memory));
    }
}
