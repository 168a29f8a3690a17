//! Looks for scenes on which Portolan and QEMU disagree, and for the plainest of them.

use crate::ins::{description, differences, ending_name};
use crate::qemu::Qemu;
use crate::scene::Scene;
use crate::subject::Subject;
use crate::world::{Ending, Life, State, World};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Scenes are compared in batches, or both sides would mostly wait for each other.
const BATCH: usize = 64;

/// The most steps towards a plainer scene.
const STEPS: usize = 4096;

/// The most scenes that are made plainer, of given ones.
const MOST_COMPLAINTS: usize = 8;

/// Both sides, ready.
pub struct Search {
    subject: &'static dyn Subject,
    world: World,
    qemu: Qemu,
}

/// What was compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Scenes on which both agreed.
    pub agreed: u64,
    /// Scenes that cannot be compared: see the `deviations.rs` of the instruction set.
    pub left_out: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.agreed += other.agreed;
        self.left_out += other.left_out;
    }
}

impl Search {
    /// None without the oracle.
    pub fn start(subject: &'static dyn Subject) -> Option<Search> {
        let qemu = Qemu::start(subject)?;
        let mut world = World::new(subject.guest(), subject.breakpoint());
        if let Some(mode) = subject.mode() {
            world.set_mode(mode);
        }
        Some(Search {
            subject,
            world,
            qemu,
        })
    }

    /// Compares both sides on `count` random scenes. The error is the plainest scene on which they
    /// disagree, in words.
    pub fn agree<S>(&mut self, strategy: &S, count: u64, seed: u64) -> Result<Tally, String>
    where
        S: Strategy<Value = Option<Scene>>,
    {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let mut tally = Tally::default();
        // What cannot be compared is replaced by another scene, up to a point.
        let mut drawn = 0;
        while tally.agreed < count && drawn < 4 * count + 1000 {
            let mut trees = Vec::new();
            let mut scenes = Vec::new();
            for _ in 0..BATCH.min((count - tally.agreed) as usize) {
                let tree = strategy.new_tree(&mut runner).expect("dice never fail");
                scenes.push(tree.current());
                trees.push(tree);
            }
            drawn += scenes.len() as u64;
            for (verdict, mut tree) in self.compare(&scenes).into_iter().zip(trees) {
                match verdict {
                    None => tally.left_out += 1,
                    Some(found) if found.is_empty() => tally.agreed += 1,
                    Some(_) => return Err(self.plainest(&mut tree, seed)),
                }
            }
        }
        Ok(tally)
    }

    /// Compares both sides on given scenes.
    pub fn agree_on(&mut self, scenes: &[Scene]) -> Result<Tally, String> {
        let mut tally = Tally::default();
        let mut complaints = Vec::new();
        for batch in scenes.chunks(BATCH) {
            let batch: Vec<Option<Scene>> = batch.iter().cloned().map(Some).collect();
            for (verdict, scene) in self
                .compare(&batch)
                .into_iter()
                .zip(batch.into_iter().flatten())
            {
                match verdict {
                    None => tally.left_out += 1,
                    Some(found) if found.is_empty() => tally.agreed += 1,
                    Some(_) if complaints.len() < MOST_COMPLAINTS => {
                        complaints.push(self.complaint(scene));
                    }
                    Some(found) => {
                        complaints.push(format!("{} {}", scene.statement(), found.join("; ")));
                    }
                }
            }
        }
        match complaints.is_empty() {
            true => Ok(tally),
            false => Err(complaints.join("\n")),
        }
    }

    /// For each scene: how the sides disagree; None if they cannot be compared.
    pub fn compare(&mut self, scenes: &[Option<Scene>]) -> Vec<Option<Vec<String>>> {
        let mut asked = Vec::new();
        let mut ours = Vec::new();
        let mut verdicts = vec![None; scenes.len()];
        for (index, scene) in scenes.iter().enumerate() {
            let Some(scene) = scene else { continue };
            let run = self.world.run(&scene.code, &scene.before, Life::Run);
            let strange = self.strange(scene, &run);
            if !strange.is_empty() {
                verdicts[index] = Some(strange);
            } else if let Some(outcome) = self.subject.expected(scene, run.0, run.1) {
                asked.push((index, scene));
                ours.push(outcome);
            }
        }
        let scenes: Vec<&Scene> = asked.iter().map(|&(_, scene)| scene).collect();
        let theirs = self.qemu.run(&scenes);
        for (((index, scene), mut ours), mut theirs) in asked.into_iter().zip(ours).zip(theirs) {
            self.subject.forgive(scene, &mut ours, &mut theirs);
            let mut found = differences(scene.guest, &ours.1, &theirs.1);
            if ours.0 != theirs.0 {
                found.push(format!("it ends in {:?}, not {:?}", ours.0, theirs.0));
            }
            verdicts[index] = Some(found);
        }
        verdicts
    }

    /// How the lives of a scene differ from each other, and from what is said about them.
    fn strange(&mut self, scene: &Scene, run: &(Ending, State)) -> Vec<String> {
        let (stepped, state) = self.world.run(&scene.code, &scene.before, Life::Step);
        let (observed, seen, told) = self.world.observe(&scene.code, &scene.before);
        let mut found = Vec::new();
        for (life, ending, mut state) in [
            ("step by step", stepped, state),
            ("observed", observed, seen),
            ("told", observed, told),
        ] {
            self.subject.forgive_counters(scene, &mut state, &run.1);
            let differences = differences(scene.guest, &state, &run.1);
            found.extend(differences.iter().map(|it| format!("{life}: {it}")));
            if ending != run.0 {
                let (is, was) = (ending_name(ending), ending_name(run.0));
                found.push(format!("{life}: it ends in {is}, not {was}"));
            }
        }
        found
    }

    /// How the sides disagree on a scene, if they do.
    fn disagreement(&mut self, scene: &Scene) -> Option<Vec<String>> {
        let verdict = self.compare(&[Some(scene.clone())]).pop().flatten();
        verdict.filter(|found| !found.is_empty())
    }

    /// Makes a scene plainer as long as the sides disagree, and describes it.
    fn plainest<T: ValueTree<Value = Option<Scene>>>(&mut self, tree: &mut T, seed: u64) -> String {
        let mut best = None;
        for _ in 0..STEPS {
            let scene = tree.current();
            let disagrees = scene
                .as_ref()
                .is_some_and(|scene| self.disagreement(scene).is_some());
            let goes_on = if disagrees {
                best = scene;
                tree.simplify()
            } else {
                tree.complicate()
            };
            if !goes_on {
                break;
            }
        }
        let Some(scene) = best else {
            return format!("a disagreement that does not come twice (seed {seed:#x})");
        };
        format!("{}\n  (seed {seed:#x})", self.complaint(scene))
    }

    /// What the sides make of a scene that they disagree on.
    fn complaint(&mut self, mut scene: Scene) -> String {
        self.make_plainer(&mut scene);
        let found = self.disagreement(&scene).unwrap_or_default();
        let (ending, after) = self.world.run(&scene.code, &scene.before, Life::Run);
        format!(
            "{} (registers not named are zero)\n  here {} {}\n  but {}",
            scene.statement(),
            description(scene.guest, &after, &scene.before),
            ending_name(ending),
            found.join("; "),
        )
    }

    /// Sets to zero what does not matter.
    fn make_plainer(&mut self, scene: &mut Scene) {
        for slot in 0..scene.before.registers.len() {
            self.try_to(scene, |state| state.registers[slot] = 0);
        }
        let mut length = scene.before.data.len();
        while length >= 8 {
            for start in (0..scene.before.data.len()).step_by(length) {
                self.try_to(scene, |state| state.data[start..start + length].fill(0));
            }
            length /= 2;
        }
    }

    fn try_to(&mut self, scene: &mut Scene, change: impl Fn(&mut State)) {
        let mut plainer = scene.clone();
        change(&mut plainer.before);
        if plainer.before != scene.before && self.disagreement(&plainer).is_some() {
            *scene = plainer;
        }
    }
}
